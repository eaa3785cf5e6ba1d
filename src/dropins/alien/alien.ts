#!/usr/bin/env node
import { runInProcess } from './process-main.ts';

process.exitCode = await runInProcess(process.argv[1] ?? 'alien.py', process.argv.slice(2));
