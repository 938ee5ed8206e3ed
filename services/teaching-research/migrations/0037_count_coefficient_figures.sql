-- How much a computed coefficient rests on, where it does not keep the figures themselves (I11).
ALTER TABLE improvement_coefficient
  ADD COLUMN school_count integer NOT NULL DEFAULT 0,
  ADD COLUMN cell_count integer NOT NULL DEFAULT 0,
  ADD COLUMN excluded_count integer NOT NULL DEFAULT 0;
