import { z } from 'zod';
import { poolSchema } from './pool-schema.ts';

/** The published JSON Schema of a pool's configuration: schema/pool.schema.json, made by `npm run docs`. */
export function poolJsonSchema(): string {
  const schema = z.toJSONSchema(poolSchema, { io: 'input', target: 'draft-07', reused: 'inline' });
  const { $schema, ...rest } = schema;
  const head = { $schema, title: 'Configuration of a pool', description: 'What cback3.conf says, as JSON.' };
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`;
}
