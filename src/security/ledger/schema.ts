/**
 * `event` is only ever added to, and each row's hash covers the one before: who did what when is found out if it is
 * altered. `anchor` is the hash before the oldest event that is kept.
 */
export const schema = `
CREATE TABLE finding (id TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER, document TEXT NOT NULL,
  PRIMARY KEY (id, opened_at)) STRICT, WITHOUT ROWID;
CREATE INDEX finding_open ON finding (id) WHERE closed_at IS NULL;
CREATE TABLE incident (id TEXT PRIMARY KEY, closed_at INTEGER, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX incident_live ON incident (closed_at);
CREATE TABLE event (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, subject TEXT NOT NULL,
  document TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE INDEX event_by_subject ON event (subject, sequence);
CREATE TABLE anchor (sequence INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
INSERT INTO anchor VALUES (0, '')
`
