-- Why an export failed, for whoever asked for it: lianqiao.options.v1.Failure, as of imports.
ALTER TABLE export ADD COLUMN problem bytea;
