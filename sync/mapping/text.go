package mapping

import "syncline/sync/record"

// Text is a value as plans and the journal keep it: nil where there is none.
func Text(v record.Value) *string {
	if v.State() != record.Present {
		return nil
	}
	s := v.String()
	return &s
}

// Value is the way back of Text.
func Value(s *string) record.Value {
	if s == nil {
		return record.None()
	}
	return record.Text(*s)
}
