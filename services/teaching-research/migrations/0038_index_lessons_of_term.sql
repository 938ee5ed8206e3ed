-- One more lesson is compared with those of its school and its teacher in all timetables of the term.
CREATE INDEX timetable_lesson_school_weekday
  ON timetable_lesson (organisation_id, weekday, joint_timetable_id);
CREATE INDEX timetable_teacher_teacher_ref ON timetable_teacher (teacher_ref, id);
DROP INDEX timetable_lesson_weekday;
