package redact_test

import (
	"testing"

	"syncline/sync/redact"
)

// A line of the log has about ten texts like this one.
func BenchmarkPersonal(b *testing.B) {
	for b.Loop() {
		redact.Personal("/crm/objects/2026-09/contacts/batch/update")
	}
}
