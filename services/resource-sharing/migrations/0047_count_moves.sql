-- A confirmation counts for the move of its lesson at which it was given: hours alone do not tell whether the
-- lesson was away in between. Confirmations of today keep counting while their hours are the lesson's.
ALTER TABLE online_lesson ADD COLUMN move_count integer NOT NULL DEFAULT 0;
ALTER TABLE lesson_reception ADD COLUMN confirmed_move_count integer NOT NULL DEFAULT 0;
