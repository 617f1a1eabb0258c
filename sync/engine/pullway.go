package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"syncline/sync/hubspot"
)

// By what way all records are read is a choice: the list always can, a hundred a
// call, and an export takes a few calls for all of them. It is used where it gives
// the same.

// PullChoice says by which way all records are read; see [Engine.Pull].
type PullChoice string

// The choices.
const (
	PullAuto   PullChoice = ""       // an export of very many records, where it gives the same with fewer calls
	PullList   PullChoice = "list"   // the list, a hundred a call
	PullExport PullChoice = "export" // HubSpot's export wherever it gives the same
)

// The ways by which all records are read.
const (
	ByList   = "list"
	ByExport = "export"
)

// Reading is how a pull read all records, of two ways. It is told where there are
// so many that it matters, or where a way was chosen.
type Reading struct {
	Way     string `json:"way"` // ByList or ByExport, the one that was taken
	Records int    `json:"records"`
	List    int    `json:"list"` // calls that the list takes
	// Export is how many calls an export takes, as forecast, 0 where it is refused; Refused says
	// why it is, or why it was given up.
	Export  int    `json:"export,omitempty"`
	Refused string `json:"refused,omitempty"`
}

const (
	// exportPullLeast is from how many records on an export is thought of: below it, the list is
	// read before HubSpot has an export ready.
	exportPullLeast = 100_000
	// exportPace is how many rows per second an export is thought to write, as importPace.
	exportPace = 20_000
)

// exportCalls is how many calls it takes to read so many records by an export: it is
// started, looked at and compared with the API, what changed meanwhile is searched, and
// what was archived is listed.
func exportCalls(records int) int {
	return 5 + looksIn(5+float64(records)/exportPace)
}

// exportRefused says why an export would not give what the list does, "" where it
// does.
func (j *job) exportRefused() string {
	o := j.schema.object
	label := strings.ToLower(o.Label)
	switch {
	case j.filtered():
		return "who takes part is told by a search or a list, since the definition has a filter"
	case o.NoSearch:
		return label + " can't be searched, so that what changes while HubSpot writes the export would not be found"
	case !j.mayExport():
		return "the connection does not have the scope crm.export"
	}
	for _, p := range j.schema.properties {
		if p.Sensitive && j.mapping.ByProperty[p.Name] != nil {
			return fmt.Sprintf("%s holds sensitive data, which an export's file would carry", p.Label)
		}
	}
	return ""
}

// errByExport ends a walk of the list that an export takes the place of.
var errByExport = errors.New("an export is read instead")

// choosePull is told how many records there are, as soon as it is known of a long
// list; its error ends the walk.
func (j *job) choosePull(records int) error {
	if j.Pull == PullAuto && records < exportPullLeast {
		return nil
	}
	r := &Reading{Way: ByList, Records: records, List: batchesOf(records, listPage), Refused: j.exportRefused()}
	j.reading = r
	if r.Refused != "" {
		return nil
	}
	r.Export = exportCalls(records)
	if j.Pull == PullExport || j.Pull == PullAuto && r.Export < r.List {
		r.Way = ByExport
		return errByExport
	}
	return nil
}

// tellReading says how all records were read, where an export was wanted or there are
// so many that one is thought of.
func (j *job) tellReading(ctx context.Context) error {
	if j.Pull == PullList || j.reading == nil && j.Pull == PullAuto && !j.filtered() {
		return nil
	}
	n, err := j.Store.SeenBy(ctx, j.sync.ID, j.pull)
	if err != nil {
		return err
	}
	if j.reading == nil && (j.Pull == PullExport || n >= exportPullLeast) {
		j.reading = &Reading{Way: ByList, Refused: j.exportRefused()}
	}
	if r := j.reading; r != nil {
		if r.Records, r.List = n, batchesOf(n, listPage); r.Export > 0 {
			r.Export = exportCalls(n)
		}
	}
	return nil
}

// gaveUp reports whether the list is to be read because of an error of an export:
// one that HubSpot or the line gave, or what the export showed.
func gaveUp(err error) bool {
	var he *hubspot.Error
	var lost *hubspot.TransportError
	switch {
	case hubspot.IsScopes(err), errors.Is(err, errInexact), errors.Is(err, errLate):
		return true
	case fatal(err):
		return false
	}
	return errors.As(err, &he) || errors.As(err, &lost)
}
