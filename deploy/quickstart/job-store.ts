import pg from 'pg';

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly state: 'queued' | 'done';
  readonly bytes: number;
  readonly sha256: string | null;
  readonly gzip_bytes: number | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

/** Finished jobs that stay listed; older ones are forgotten. */
const KEPT_JOBS = 1000;

/** What is known of jobs, in PostgreSQL. */
export class JobStore {
  readonly #pool: pg.Pool;

  /** @param name how PostgreSQL lists its connections */
  constructor(url: string, name: string, connections: number) {
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: name,
      max: connections,
      connectionTimeoutMillis: 2_000,
    });
    // An idle connection that breaks is replaced at the next query, which reports what is wrong.
    this.#pool.on('error', () => {});
  }

  async createTable(): Promise<void> {
    await this.#pool.query(`
      CREATE TABLE IF NOT EXISTS jobs (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        state text NOT NULL DEFAULT 'queued',
        bytes integer NOT NULL,
        sha256 text,
        gzip_bytes integer,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
      )`);
  }

  /** Rejects when jobs can't be stored: the server does not answer, or the table is not there yet. */
  async ping(): Promise<void> {
    await this.#pool.query('SELECT FROM jobs LIMIT 1');
  }

  async add(kind: string, bytes: number): Promise<string> {
    const { rows } = await this.#pool.query<{ id: string }>(
      'INSERT INTO jobs (kind, bytes) VALUES ($1, $2) RETURNING id',
      [kind, bytes],
    );
    const [row] = rows;
    if (!row) throw new Error('INSERT … RETURNING gave no row');
    return row.id;
  }

  async find(id: string): Promise<Job | undefined> {
    return (await this.#pool.query<Job>('SELECT * FROM jobs WHERE id = $1', [id])).rows[0];
  }

  async latest(): Promise<Job[]> {
    return (await this.#pool.query<Job>('SELECT * FROM jobs ORDER BY id DESC LIMIT 20')).rows;
  }

  async finish(id: string, sha256: string, gzipBytes: number): Promise<void> {
    await this.#pool.query(
      "UPDATE jobs SET state = 'done', sha256 = $2, gzip_bytes = $3, finished_at = now() WHERE id = $1",
      [id, sha256, gzipBytes],
    );
  }

  async forgetOld(): Promise<void> {
    await this.#pool.query(
      "DELETE FROM jobs WHERE state = 'done' AND id <= (SELECT max(id) FROM jobs) - $1",
      [KEPT_JOBS],
    );
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
