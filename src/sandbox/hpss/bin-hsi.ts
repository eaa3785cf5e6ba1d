#!/usr/bin/env node
import { hsi } from './hsi/hsi.ts';
import { thisProcess } from './world.ts';

process.exitCode = await hsi(thisProcess());
