import { type Reading, read, refused } from './problem.ts';
import { numberIn, readNumber } from './scalars.ts';

/** A time as seconds since 1970: a number, a text that is one, or ISO-8601 with a zone. */
export function readTime(value: unknown): Reading<number> {
  if (typeof value === 'number') return readNumber(value);
  if (typeof value !== 'string') {
    return refused('float_type', 'Input should be seconds since 1970 or an ISO-8601 time');
  }
  return numberIn(value) === undefined ? readIso(value.trim()) : readNumber(value);
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|([+-])(\d\d)(?::?(\d\d))?)?$/i;

function readIso(text: string): Reading<number> {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return withoutZone();
  const match = ISO.exec(text);
  if (match === null) return noTime('write 2026-04-05T15:30:00Z, or seconds since 1970');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(numberOr0);
  const date = dayNumber(year, month, day);
  if (date === undefined) return noTime('there is no such day');
  if (hour > 23 || minute > 59 || second > 59) return noTime('there is no such time of day');
  const [zone, sign, zoneHour, zoneMinute] = match.slice(8);
  if (zone === undefined) return withoutZone();
  const offset = zoneOffset(sign, numberOr0(zoneHour), numberOr0(zoneMinute));
  if (offset === undefined) return noTime('there is no such zone');
  const seconds = date * DAY + hour * 3600 + minute * 60 + second - offset;
  return read(seconds + Number(`0.${match[7] ?? '0'}`));
}

const DAY = 86_400;

function numberOr0(text: string | undefined): number {
  return Number(text ?? 0);
}

function noTime(why: string): Reading<never> {
  return refused('datetime_parsing', `Input should be a valid time: ${why}`);
}

function withoutZone(): Reading<never> {
  return refused(
    'timezone_aware',
    'Input should have a zone: write Z or an offset such as +09:00 behind the time of day',
  );
}

/** Seconds that the clocks there are ahead. */
function zoneOffset(sign: string | undefined, hour: number, minute: number): number | undefined {
  if (hour > 23 || minute > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (hour * 3600 + minute * 60);
}

/** Days since 1970 in the Gregorian calendar, also before it was made; undefined for what is no day. */
function dayNumber(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  // Years that begin in March end with the leap day, so that months have fixed places in them.
  const shifted = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * shifted + leapDays(shifted) + dayOfYear - DAYS_BEFORE_1970;
}

/** From the first of March of the year 0. */
const DAYS_BEFORE_1970 = 719_468;

function leapDays(year: number): number {
  return Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return leapDays(year) > leapDays(year - 1) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
