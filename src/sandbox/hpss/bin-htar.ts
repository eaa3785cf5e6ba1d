#!/usr/bin/env node
import { htar } from './htar/htar.ts';
import { thisProcess } from './world.ts';

process.exitCode = await htar(thisProcess());
