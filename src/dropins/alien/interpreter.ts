import { StowageError } from '../../errors.ts';
import { environmentVariables as _documented, isOn, type Environment } from '../../grid/environment.ts';
import type { ConnectOptions, GridSession } from '../../grid/connect.ts';
import { needsHome } from '../../grid/lfn.ts';
import { placesOf } from '../../grid/places.ts';
import type { Context } from './client-command.ts';
import { clientCommand } from './client-commands.ts';
import { type Aliases, parseLine, type Step } from './grammar.ts';
import { answered, failed, type Outcome, outcomeOf, outputText } from './outcome.ts';
