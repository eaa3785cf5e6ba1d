/** The rows of a text as Python's `csv` reads them, in its usual dialect. Blank lines are skipped. */
export function* csvRows(text: string): Generator<string[]> {
  let row: string[] = [];
  let field = '';
  let begun = false;
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  const endField = () => {
    row.push(field);
    field = '';
    state = 'start';
    begun = true;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (state === 'quoted') {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else state = 'closed';
    } else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[at + 1] === '\n') at += 1;
      if (begun || state !== 'start') {
        endField();
        yield row;
      }
      row = [];
      begun = false;
    } else if (character === ',') endField();
    else if (character === '"' && state === 'start') state = 'quoted';
    else {
      field += character;
      // What follows a closed quote belongs to the field, whatever it is.
      state = 'plain';
    }
  }
  if (begun || state !== 'start') {
    endField();
    yield row;
  }
}
