import { platform } from './platform';
import { readSettings } from './settings';

// every property is a stack output
export = platform(readSettings());
