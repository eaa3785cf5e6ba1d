/** What a value breaks of a JSON Schema, as `PATH: why`. Knows the words that our schemas use, and throws at any other, so that no rule goes unheard. */
export function schemaBreaches(schema: unknown, value: unknown): readonly string[] {
  return breaches(schema as Schema, value, '', schema as Schema);
}

type Schema = Readonly<Record<string, unknown>>;

const annotations = ['$schema', '$id', 'title', 'description', 'definitions'];

function breaches(schema: Schema, value: unknown, path: string, root: Schema): readonly string[] {
  return Object.entries(schema).flatMap(([word, wanted]) => {
    if (annotations.includes(word)) return [];
    const check = words[word];
    if (check === undefined) throw new Error(`the schema has a word that this check does not know: ${word}`);
    return check(wanted, value, path, { schema, root });
  });
}

type Check = (
  wanted: unknown,
  value: unknown,
  path: string,
  at: { readonly schema: Schema; readonly root: Schema },
) => readonly string[];

const words: Readonly<Record<string, Check>> = {
  $ref(wanted, value, path, { root }) {
    const target = String(wanted).replace('#/', '').split('/');
    return breaches(target.reduce<unknown>((one, key) => (one as Schema)[key], root) as Schema, value, path, root);
  },
  type: (wanted, value, path) =>
    typeOf(value) === wanted || (wanted === 'integer' && Number.isInteger(value)) ? [] : [`${path}: not ${wanted}`],
  minimum: (wanted, value, path) =>
    typeof value === 'number' && value < (wanted as number) ? [`${path}: too small`] : [],
  maximum: (wanted, value, path) =>
    typeof value === 'number' && value > (wanted as number) ? [`${path}: too large`] : [],
  enum: (wanted, value, path) => ((wanted as unknown[]).includes(value) ? [] : [`${path}: none of the values`]),
  minLength: (wanted, value, path) =>
    typeof value === 'string' && value.length < (wanted as number) ? [`${path}: too short`] : [],
  pattern: (wanted, value, path) =>
    typeof value === 'string' && !new RegExp(wanted as string, 'u').test(value) ? [`${path}: not as ${wanted}`] : [],
  anyOf: (wanted, value, path, { root }) =>
    (wanted as Schema[]).some((one) => breaches(one, value, path, root).length === 0)
      ? []
      : [`${path}: none of the forms`],
  items: (wanted, value, path, { root }) =>
    Array.isArray(value)
      ? value.flatMap((one, index) => breaches(wanted as Schema, one, `${path}/${index}`, root))
      : [],
  required: (wanted, value, path) =>
    isObject(value)
      ? (wanted as string[]).filter((key) => !Object.hasOwn(value, key)).map((key) => `${path}: no ${key}`)
      : [],
  properties: (wanted, value, path, { root }) =>
    isObject(value)
      ? Object.entries(wanted as Record<string, Schema>).flatMap(([key, one]) =>
          Object.hasOwn(value, key) ? breaches(one, value[key], `${path}/${key}`, root) : [],
        )
      : [],
  patternProperties: (wanted, value, path, { root }) =>
    isObject(value)
      ? Object.entries(wanted as Record<string, Schema>).flatMap(([pattern, one]) =>
          Object.keys(value)
            .filter((key) => new RegExp(pattern, 'u').test(key))
            .flatMap((key) => breaches(one, value[key], `${path}/${key}`, root)),
        )
      : [],
  additionalProperties(wanted, value, path, { schema, root }) {
    if (!isObject(value)) return [];
    const known = Object.keys((schema.properties as Schema | undefined) ?? {});
    const others = Object.keys(value).filter((key) => !known.includes(key));
    if (wanted === false) return others.map((key) => `${path}/${key}: unknown`);
    return others.flatMap((key) => breaches(wanted as Schema, value[key], `${path}/${key}`, root));
  },
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeOf(value) === 'object';
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
