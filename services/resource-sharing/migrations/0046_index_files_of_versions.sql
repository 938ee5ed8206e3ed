-- Who may read an edition may read its files, and a named file stays: both ask which editions name one.
CREATE INDEX resource_version_file_ids ON resource_version USING gin (file_ids);
