import type { InboxState } from '#contracts';
import { matches } from './inbox-keys.sql.js';
import { MESSAGE_OF_KEY } from './inbox-rows.sql.js';

/**
 * A placeholder as libs/content/src/template/placeholder.ts reads it. A name is here what printable text leaves beside
 * ASCII punctuation, because classes like [[:alpha:]] hold what the database's locale says; only a param of that name counts.
 */
const PLACEHOLDER = String.raw`'\{\{\s{0,4}([^\s!-,./:-@[-^${'`'}{-~]{1,64})(?:\.DATA)?\s{0,4}\}\}'`;

/** As a title is shown: on one line. */
const ONE_LINE = String.raw`'[\u0001-\u001f\u007f-\u009f\u2028\u2029]+', ' ', 'g'`;

interface Search {
  state: InboxState | undefined;
  /** SQL of the words looked for. */
  words: string;
  /** Further condition on `message_id` and `seq`, beginning with AND. */
  beyond?: string;
}

/**
 * SQL: CTEs that make `hit`, the keys of the rows of recipient $1 whose title, as shown, holds the words. Reads all rows of
 * that one person in the state.
 *
 * A template's title is taken apart once and put together for each row: a function that did both for each row took three
 * times as long as all the rest. A title that lacks a param is not shown, so it is not found.
 */
export const hits = ({ state, words, beyond = '' }: Search): string => `
own AS MATERIALIZED (
  SELECT message_id, seq, params FROM delivery WHERE recipient = $1 AND ${matches(state)} ${beyond}
), given AS MATERIALIZED (
  SELECT k.message_id, k.seq, m.template_version_id AS version_id, m.content->>'title' AS title,
         coalesce(m.params, '{}') || coalesce(k.params, '{}') AS params
    FROM own k ${MESSAGE_OF_KEY}
), template AS MATERIALIZED (
  SELECT id, regexp_split_to_array(title, ${PLACEHOLDER}) AS texts,
         ARRAY(SELECT found[1] FROM regexp_matches(title, ${PLACEHOLDER}, 'g') AS found) AS names
    FROM (SELECT id, coalesce(content->'portal'->>'title', content->'portal'->>'subject') AS title
            FROM template_version WHERE id = ANY(ARRAY(SELECT DISTINCT version_id FROM given))) AS version
), titled AS (
  SELECT message_id, seq, CASE
         WHEN version_id IS NULL THEN title
         WHEN params ?& names THEN (
           SELECT string_agg(text || coalesce(params->>names[place::int], ''), '' ORDER BY place)
             FROM unnest(texts) WITH ORDINALITY AS piece(text, place)) END AS title
    FROM given LEFT JOIN template ON id = version_id
), hit AS MATERIALIZED (
  SELECT message_id, seq FROM titled WHERE strpos(lower(regexp_replace(title, ${ONE_LINE})), lower(${words})) > 0
)`;
