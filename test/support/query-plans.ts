import { Client, escapeLiteral } from 'pg';
import type { Database } from '#entities';

/** How one table is read by one statement; of partitions: by any of them. */
export interface TableRead {
  node: string;
  /** Without the name of a partition. */
  table: string;
  /** The index, by its name on the partitioned table; null: none. */
  index: string | null;
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: PlanNode[];
}

/** A stand-in for `Database` that runs what it is asked and notes how PostgreSQL would read the tables. */
export class ExplainingDatabase {
  readonly reads: TableRead[] = [];
  /** Sessions that plan once: named statements are planned so here in any case. */
  readonly keyed = this;
  private statements = 0;

  private constructor(
    private readonly client: Client,
    private readonly parents: ReadonlyMap<string, string>,
  ) {}

  static async open(url: string): Promise<ExplainingDatabase> {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ child: string; parent: string }>(
      `SELECT c.relname AS child, p.relname AS parent FROM pg_inherits i
         JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent`,
    );
    return new ExplainingDatabase(client, new Map(rows.map(({ child, parent }) => [child, parent])));
  }

  close(): Promise<void> {
    return this.client.end();
  }

  /** How the tables are read by the statements that `run` sends. */
  async readsOf(run: (database: Database) => Promise<unknown>): Promise<TableRead[]> {
    this.reads.length = 0;
    await run(this as unknown as Database);
    return [...this.reads];
  }

  /** Named statements are planned once for whatever values, as a pool that lives long does; the others for these values. */
  async query(text: string, values: unknown[] = [], name?: string): Promise<unknown[]> {
    const statement = `explained_${++this.statements}`;
    const literals = values.map(literal).join(', ');
    await this.client.query(`SET plan_cache_mode = ${name ? 'force_generic_plan' : 'force_custom_plan'}`);
    await this.client.query(`PREPARE ${statement} AS ${text}`);
    const { rows } = await this.client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (FORMAT JSON) EXECUTE ${statement}${literals && `(${literals})`}`,
    );
    if (rows[0]) this.note(rows[0]['QUERY PLAN'][0].Plan);
    return (await this.client.query<object>({ text, values })).rows;
  }

  private note(plan: PlanNode): void {
    const { 'Node Type': node, 'Relation Name': relation, 'Index Name': index, Plans: inner = [] } = plan;
    if (relation ?? index) {
      this.reads.push({ node, table: this.parentOf(relation ?? ''), index: index ? this.parentOf(index) : null });
    }
    for (const child of inner) this.note(child);
  }

  private parentOf(name: string): string {
    return this.parents.get(name) ?? name;
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) return escapeLiteral(`{${value.map((one) => JSON.stringify(String(one))).join(',')}}`);
  if (value instanceof Date) return escapeLiteral(value.toISOString());
  return escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value));
}
