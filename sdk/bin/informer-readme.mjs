#!/usr/bin/env node
import { readmeCommand } from '../dist/docs/command.js';

process.exitCode = await readmeCommand(process.argv.slice(2));
