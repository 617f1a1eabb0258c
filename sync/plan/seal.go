package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// AppendFrozen appends what an item gives to the hash of its plan: all that was
// decided about it, and nothing of what became of it. edits are its edits as
// AppendEdits writes them. The record of a create is not known when a plan is
// frozen, and is no part of it.
func AppendFrozen(b []byte, it Item, edits []byte) []byte {
	record := it.RecordID
	if it.Kind == ItemCreate || it.Kind == ItemDeliver {
		record = ""
	}
	read := int64(0)
	if !it.ReadAt.IsZero() {
		read = it.ReadAt.UnixMilli()
	}
	for _, n := range [...]int64{int64(it.N), it.LinkID, int64(it.Line), read} {
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	// With its length before it no text can pass for two.
	for _, text := range [...]string{string(it.Kind), string(it.Fate), it.Reason, it.RowKey, record, it.Name} {
		b = append(strconv.AppendInt(b, int64(len(text)), 10), ':')
		b = append(b, text...)
	}
	b = append(strconv.AppendInt(b, int64(len(edits)), 10), ':')
	return append(b, edits...)
}

// Seal is the hash of a plan, of its items' hash and of what stands around
// them: its purpose and its summary with the guard rails.
func Seal(items string, p Plan) string {
	head, _ := json.Marshal([]any{items, p.Kind, p.UndoOf, p.Pull, string(p.Summary)})
	sum := sha256.Sum256(head)
	return hex.EncodeToString(sum[:])
}

// Change is what a person changed of a plan after it was frozen.
type Change struct {
	What     string  `json:"what"`               // exclude, include, edit
	Items    []int   `json:"items"`              // their numbers
	Property string  `json:"property,omitempty"` // of an edit
	Side     Side    `json:"side,omitempty"`     // of an edit: where the value is written
	Old      *string `json:"old,omitempty"`
	New      *string `json:"new,omitempty"`
	By       string  `json:"by,omitempty"`
	At       int64   `json:"at"`              // milliseconds since 1970 UTC
	With     int     `json:"with,omitempty"`  // the first revision of the step that it is part of
	Back     int     `json:"back,omitempty"`  // the first revision of the step that it takes back
	Again    int     `json:"again,omitempty"` // the first revision of the step that it does again
}

// Put is a value that a person puts in the place of one that an item writes.
type Put struct {
	Side     Side // where it is written
	Property string
	Value    string // in the side's own form; "" empties it
}

// The kinds of Change.
const (
	ChangeExclude = "exclude"
	ChangeInclude = "include"
	ChangeEdit    = "edit"
)

// Revise is the hash of the revision that a stored change makes of the one
// before it.
func Revise(before, change string) string {
	sum := sha256.Sum256([]byte(before + "\n" + change))
	return hex.EncodeToString(sum[:])
}
