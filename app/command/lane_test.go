package command_test

import (
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// The way of new records is chosen by a word, and a plan tells both ways.
func TestTheWayOfNewRecordsIsChosenAndTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	if s := d.plain("run", "sync.yaml", "--lane", "fast"); s.status == 0 || !strings.Contains(s.err, "--lane is auto, batch or bulk") {
		t.Errorf("a word that there is not: status %d, %s", s.status, s.err)
	}
	if s := d.do("preview", "sync.yaml"); s.report.Creating != nil {
		t.Errorf("two records are thought of as many: %+v", s.report.Creating)
	}
	s := d.do("preview", "sync.yaml", "--lane", "bulk")
	if w := s.report.Creating; w == nil || w.Lane != engine.ByImport || w.Import == 0 || w.Batch == 0 {
		t.Errorf("told: %+v %v", w, s.report.Notes)
	}
	s = d.do("run", "sync.yaml", "--lane", "bulk")
	if by := d.portal.Calls().By; s.status != 0 || s.report.Counts.Created != 2 || by["POST imports"] != 1 || by["POST objects/{type}/batch/create"] != 0 {
		t.Errorf("status %d, %+v, %v\n%s", s.status, s.report.Counts, by, s.err)
	}
}

// The way in which all records are read is chosen by a word, and a plan tells it.
func TestTheWayOfReadingIsChosenAndTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Limits: practice.Limits{ExportRows: 1_000_000}})
	if s := d.plain("preview", "sync.yaml", "--pull", "fast"); s.status == 0 || !strings.Contains(s.err, "--pull is auto, list or export") {
		t.Errorf("a word that there is not: status %d, %s", s.status, s.err)
	}
	if s := d.do("preview", "sync.yaml"); s.report.Reading != nil {
		t.Errorf("few records are thought of as many: %+v", s.report.Reading)
	}
	s := d.do("preview", "sync.yaml", "--pull", "export")
	if r := s.report.Reading; r == nil || r.Way != engine.ByExport || r.Export == 0 || d.portal.Calls().By["POST exports/export/async"] != 1 {
		t.Errorf("told: %+v %v", r, s.report.Notes)
	}
	if s := d.plain("preview", "sync.yaml", "--pull", "export"); !strings.Contains(s.out, "which --pull list takes") {
		t.Errorf("printed: %s", s.out)
	}
}
