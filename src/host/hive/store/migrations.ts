/**
 * Each brings a database one version further, in one transaction with the number of its version. One that has been released
 * is never changed.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE hosts (
     host_id TEXT PRIMARY KEY,
     document TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE services (
     service_id TEXT PRIMARY KEY,
     host_id TEXT NOT NULL REFERENCES hosts (host_id) ON DELETE CASCADE,
     document TEXT NOT NULL,
     created_at REAL NOT NULL,
     availability TEXT
   ) WITHOUT ROWID;
   CREATE INDEX services_of_host ON services (host_id);
   CREATE TABLE assets (
     asset_id TEXT PRIMARY KEY,
     document TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE benchmarks (
     benchmark_id TEXT PRIMARY KEY,
     document TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE health_samples (
     sample_id TEXT PRIMARY KEY,
     target_type TEXT NOT NULL,
     target_id TEXT NOT NULL,
     observed_at REAL NOT NULL,
     document TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX health_of_target ON health_samples (target_type, target_id, observed_at);`,
];
