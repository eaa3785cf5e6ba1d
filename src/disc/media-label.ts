const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** What the labels of all discs of a pool begin with. */
export const labelBeginning = 'CEDAR BACKUP';

/** The label of a disc that is begun on this day, in local time: `CEDAR BACKUP DD-MON-YYYY`, English in every locale. */
export function buildMediaLabel(day: Date): string {
  const date = String(day.getDate()).padStart(2, '0');
  return `${labelBeginning} ${date}-${months[day.getMonth()]}-${String(day.getFullYear()).padStart(4, '0')}`;
}
