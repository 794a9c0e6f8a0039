import { contains } from './chaos.ts';
import { returns } from './faults/returns.ts';

contains(returns);
