package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"syncline/sync/record"
)

// The largest batches that HubSpot takes.
const (
	MaxBatch        = 100
	MaxBatchHistory = 50 // of a read that asks for history
)

// BatchReadRequest asks for records by id. It may name any number of them: the
// client makes as many calls as are needed.
type BatchReadRequest struct {
	IDs        []string
	IDProperty string // what the ids are values of; "" for record ids
	Properties []string
	History    []string
	Archived   bool // look among the archived records
}

// BatchReadResult is what was found, in no promised order.
type BatchReadResult struct {
	Records []record.Record
	// Missing are the ids that HubSpot says it does not have: archived, erased
	// or never there.
	Missing []string
	// Moved tells for ids of merged records which record answers to them now.
	// It is filled for reads by record id that name properties.
	Moved map[string]string
	// Unaccounted are ids that were asked for and appear nowhere in the answer,
	// neither found nor missing. Nothing may be concluded about them, least of
	// all that there is no such record.
	Unaccounted []string
	// ServerTime is HubSpot's clock at the first of the calls.
	ServerTime time.Time
	// Date is HubSpot's clock at the first of the calls as the answer's header
	// tells it, cut to whole seconds; zero if it does not.
	Date time.Time
}

// Calls returns how many requests the read takes.
func (r BatchReadRequest) Calls() int {
	size := r.chunk()
	return (len(unique(r.IDs)) + size - 1) / size
}

// chunk is how many records one request may ask for.
func (r BatchReadRequest) chunk() int {
	if len(r.History) > 0 {
		return MaxBatchHistory
	}
	return MaxBatch
}

// CreateInput is one record to create.
type CreateInput struct {
	Properties record.Values
	// TraceID, unique in the batch, makes failures belong to inputs. With one
	// on every input a bad one fails alone; without, it fails the batch.
	TraceID string
	// Associations are made with the record, at once; From is empty.
	Associations []Edge
}

// UpdateInput is one record to change, by its record id. Ids of merged records
// do not work here.
type UpdateInput struct {
	ID         string
	Properties record.Values
	TraceID    string
}

// UpsertInput is one record to change, or to create if no record has ID as its
// value of IDProperty, which must be unique in HubSpot. With a contact's email
// as IDProperty a bad input fails the whole batch.
type UpsertInput struct {
	ID, IDProperty string
	Properties     record.Values
	TraceID        string
}

// BatchResult is what became of a batch, in no promised order. The caller
// matches records and failures to its inputs; an input that is in neither has
// an unknown outcome.
type BatchResult struct {
	Records []record.Record
	// New tells by record id whether an upsert created the record.
	New map[string]bool
	// Traces tells which trace id a record came from, where HubSpot says so;
	// it is not known to for creates.
	Traces   map[string]string // record id -> trace id
	Failures []InputError
	Warnings []Warning
	// ServerTime is HubSpot's clock when it was done.
	ServerTime time.Time
}

// InputError is the failure of one input, or of the records named by IDs. Both
// TraceID and IDs are empty when HubSpot did not say whose failure it is.
type InputError struct {
	TraceID string
	IDs     []string
	Err     *Error
}

// Warning tells that a value was written in another form than it was sent.
type Warning struct {
	RecordID   string
	Property   string
	Category   string // PROPERTY_VALUE_NORMALIZED
	Raw        string
	Normalized string
	Message    string
}

// mergedIDs lists the ids that were merged into a record.
const mergedIDs = "hs_merged_object_ids"

// BatchRead returns the records with the given ids as they are now: unlike
// [Client.Search] it sees every write at once.
func (c *Client) BatchRead(ctx context.Context, objectType string, req BatchReadRequest) (BatchReadResult, error) {
	var result BatchReadResult
	for ids := range slices.Chunk(unique(req.IDs), req.chunk()) {
		if err := c.readChunk(ctx, objectType, req, ids, &result); err != nil {
			return BatchReadResult{}, err
		}
	}
	return result, nil
}

type idInput struct {
	ID string `json:"id"`
}

func idInputs(ids []string) []idInput {
	in := make([]idInput, len(ids))
	for i, id := range ids {
		in[i].ID = id
	}
	return in
}

func (c *Client) readChunk(ctx context.Context, objectType string, req BatchReadRequest, ids []string, result *BatchReadResult) error {
	r, err := objectRequest("read", objectType, http.MethodPost, "batch", "read")
	if err != nil {
		return err
	}
	byRecordID := req.IDProperty == "" || req.IDProperty == "hs_object_id"
	properties := req.Properties
	// A merged record answers under another id; which one it was asked for as
	// stands in a property.
	added := byRecordID && len(properties) > 0 && !slices.Contains(properties, mergedIDs)
	asked := !byRecordID && !slices.Contains(properties, req.IDProperty)
	switch {
	case added:
		properties = append(slices.Clone(properties), mergedIDs)
	case asked:
		properties = append(slices.Clone(properties), req.IDProperty)
	}
	body := map[string]any{
		"inputs":                idInputs(ids),
		"properties":            nonNil(properties),
		"propertiesWithHistory": nonNil(req.History),
	}
	if req.IDProperty != "" {
		body["idProperty"] = req.IDProperty
	}
	var out wireBatch[wireRecord]
	r.read, r.body, r.out = true, body, &out
	if req.Archived {
		r.query = readQuery(nil, nil, true)
	}
	a, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	if result.ServerTime.IsZero() {
		result.ServerTime, result.Date = serverTime(a, out.CompletedAt), a.date
	}
	found := records(out.Results)
	missing, err := missingIDs(r.op, out.Errors)
	if err != nil {
		return err
	}
	switch {
	case byRecordID:
		strangers, open := result.account(ids, found, missing)
		if len(strangers) > open {
			return unasked(r.op, strangers)
		}
		if added {
			found = slices.DeleteFunc(found, func(rec record.Record) bool { return slices.Contains(strangers, rec.ID) })
		}
	case len(found) > len(ids):
		return tooMany(r.op, len(found), len(ids))
	default:
		result.accountValues(ids, found, missing, req.IDProperty)
	}
	for _, rec := range found {
		if added {
			delete(rec.Properties, mergedIDs)
		}
		if asked {
			delete(rec.Properties, req.IDProperty)
		}
	}
	result.Records = append(result.Records, found...)
	result.Missing = append(result.Missing, missing...)
	return nil
}

// missingIDs reads the failures of a batch read. All of them should be about
// records that are not there.
func missingIDs(op string, failures []wireError) ([]string, error) {
	var missing []string
	for _, w := range failures {
		if string(w.Category) != "OBJECT_NOT_FOUND" || len(w.Context["ids"]) == 0 {
			return nil, inputError(op, w)
		}
		missing = append(missing, w.Context["ids"]...)
	}
	return missing, nil
}

// unasked is the error of an answer with records that nobody asked for.
func unasked(op string, ids []string) error {
	return &Error{Op: op, Status: http.StatusOK, Unreadable: true,
		Message: fmt.Sprintf("HubSpot's answer is about records that were not asked for (%s), so nothing is concluded from it", strings.Join(ids[:min(3, len(ids))], ", "))}
}

// tooMany is the error of an answer with more records than were asked for.
func tooMany(op string, got, asked int) error {
	return &Error{Op: op, Status: http.StatusOK, Unreadable: true,
		Message: fmt.Sprintf("HubSpot's answer is about %d records where %d were asked for, so nothing is concluded from it", got, asked)}
}

// account finds out what became of the ids that did not come back as they
// were asked for. It returns the records that answer to no id that was asked
// for, and how many ids are left that nothing answers to.
func (r *BatchReadResult) account(ids []string, found []record.Record, missing []string) (strangers []string, left int) {
	open := make(map[string]bool, len(ids))
	for _, id := range ids {
		open[id] = true
	}
	var others []record.Record
	for _, rec := range found {
		if open[rec.ID] {
			delete(open, rec.ID)
		} else {
			others = append(others, rec)
		}
	}
	for _, id := range missing {
		delete(open, id)
	}
	// A survivor may have been asked for by its own id, too.
	for _, rec := range found {
		for old := range strings.SplitSeq(rec.Properties[mergedIDs].String(), ";") {
			if old = strings.TrimSpace(old); open[old] {
				r.moved(old, rec.ID)
				delete(open, old)
			}
		}
	}
	if len(open) == 1 && len(others) == 1 && len(ids) == 1 {
		r.moved(ids[0], others[0].ID)
		return nil, 0
	}
	known := make(map[string]bool, len(r.Moved))
	for _, into := range r.Moved {
		known[into] = true
	}
	for _, rec := range others {
		if !known[rec.ID] {
			strangers = append(strangers, rec.ID)
		}
	}
	for _, id := range ids {
		if open[id] {
			r.Unaccounted = append(r.Unaccounted, id)
		}
	}
	return strangers, len(open)
}

// accountValues is account for values of a property. A record may answer to a
// value that it shows otherwise, as a contact does to its second address: as
// many values as there are such records are taken for theirs.
func (r *BatchReadResult) accountValues(ids []string, found []record.Record, missing []string, property string) {
	open := make(map[string]bool, len(ids))
	for _, id := range ids {
		open[fold(id)] = true
	}
	for _, id := range missing {
		delete(open, fold(id))
	}
	others := 0
	for _, rec := range found {
		if v := fold(rec.Properties[property].String()); open[v] {
			delete(open, v)
		} else {
			others++
		}
	}
	if len(open) <= others {
		return
	}
	for _, id := range ids {
		if open[fold(id)] {
			r.Unaccounted = append(r.Unaccounted, id)
		}
	}
}

// fold is the form in which HubSpot compares unique values.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func (r *BatchReadResult) moved(from, to string) {
	if r.Moved == nil {
		r.Moved = make(map[string]string)
	}
	r.Moved[from] = to
}

// wireInput is one input of a batch write.
type wireInput struct {
	ID         string            `json:"id,omitempty"`
	IDProperty string            `json:"idProperty,omitempty"`
	Properties map[string]string `json:"properties"`
	TraceID    string            `json:"objectWriteTraceId,omitempty"`
	// Associations is part of creates only.
	Associations []wireBirth `json:"associations,omitempty"`
}

// wireBirth is an association in the body of a create.
type wireBirth struct {
	To    idInput    `json:"to"`
	Types []wireType `json:"types"`
}

// BatchCreate makes up to MaxBatch records.
func (c *Client) BatchCreate(ctx context.Context, objectType string, inputs []CreateInput) (BatchResult, error) {
	op := "create " + objectType
	wire := make([]wireInput, len(inputs))
	for i, in := range inputs {
		properties, err := written(op, in.Properties)
		if err != nil {
			return BatchResult{}, err
		}
		wire[i] = wireInput{Properties: properties, TraceID: in.TraceID}
		for _, e := range in.Associations {
			birth := wireBirth{To: idInput{e.To}}
			for _, t := range e.Types {
				birth.Types = append(birth.Types, wireType{Category: t.Category, TypeID: t.TypeID})
			}
			wire[i].Associations = append(wire[i].Associations, birth)
		}
	}
	return c.batchWrite(ctx, objectType, "create", wire)
}

// BatchUpdate changes up to MaxBatch records, each at most once.
func (c *Client) BatchUpdate(ctx context.Context, objectType string, inputs []UpdateInput) (BatchResult, error) {
	op := "update " + objectType
	wire := make([]wireInput, len(inputs))
	seen := make(map[string]bool, len(inputs))
	for i, in := range inputs {
		if err := checkInputID(op, in.ID, in.ID, seen); err != nil {
			return BatchResult{}, err
		}
		properties, err := written(op, in.Properties)
		if err != nil {
			return BatchResult{}, err
		}
		wire[i] = wireInput{ID: in.ID, Properties: properties, TraceID: in.TraceID}
	}
	return c.batchWrite(ctx, objectType, "update", wire)
}

// BatchUpsert changes or creates up to MaxBatch records, each at most once.
func (c *Client) BatchUpsert(ctx context.Context, objectType string, inputs []UpsertInput) (BatchResult, error) {
	op := "upsert " + objectType
	wire := make([]wireInput, len(inputs))
	seen := make(map[string]bool, len(inputs))
	for i, in := range inputs {
		// HubSpot compares unique values without regard to case.
		if err := checkInputID(op, in.ID, in.IDProperty+"\x00"+strings.ToLower(in.ID), seen); err != nil {
			return BatchResult{}, err
		}
		if in.IDProperty == "" {
			return BatchResult{}, invalid(op, "the input %q does not say which unique property its id is a value of", in.ID)
		}
		properties, err := written(op, in.Properties)
		if err != nil {
			return BatchResult{}, err
		}
		wire[i] = wireInput{ID: in.ID, IDProperty: in.IDProperty, Properties: properties, TraceID: in.TraceID}
	}
	return c.batchWrite(ctx, objectType, "upsert", wire)
}

// checkInputID refuses what HubSpot would answer with an error for the whole
// batch.
func checkInputID(op, id, key string, seen map[string]bool) error {
	if id == "" {
		return invalid(op, "an input has no id")
	}
	if seen[key] {
		return invalid(op, "the id %q is in the batch twice; two changes to one record belong into two batches", id)
	}
	seen[key] = true
	return nil
}

func (c *Client) batchWrite(ctx context.Context, objectType, verb string, inputs []wireInput) (BatchResult, error) {
	r, err := objectRequest(verb, objectType, http.MethodPost, "batch", verb)
	if err != nil {
		return BatchResult{}, err
	}
	if len(inputs) == 0 {
		return BatchResult{}, nil
	}
	if len(inputs) > MaxBatch {
		return BatchResult{}, invalid(r.op, "a batch has at most %d records, not %d", MaxBatch, len(inputs))
	}
	traces := make(map[string]bool, len(inputs))
	for _, in := range inputs {
		if in.TraceID != "" && traces[in.TraceID] {
			return BatchResult{}, invalid(r.op, "the trace id %q is in the batch twice", in.TraceID)
		}
		traces[in.TraceID] = true
	}
	var out wireBatch[wireRecord]
	r.body = map[string]any{"inputs": inputs}
	r.out = &out
	a, err := c.do(ctx, r)
	if err != nil {
		emails := make([]string, len(inputs))
		for i, in := range inputs {
			emails[i] = in.email()
		}
		c.nameHolder(ctx, r.objectType, err, emails...)
		return BatchResult{}, err
	}
	if err := checkWritten(r.op, verb, inputs, out.Results); err != nil {
		return BatchResult{}, err
	}
	result := batchResult(r.op, a, out)
	for _, f := range result.Failures {
		for _, in := range inputs {
			if f.TraceID != "" && in.TraceID == f.TraceID {
				c.nameHolder(ctx, r.objectType, f.Err, in.email())
			}
		}
	}
	return result, nil
}

// email is the address that an input gives its record.
func (in wireInput) email() string {
	if in.Properties["email"] == "" && in.IDProperty == "email" {
		return in.ID
	}
	return in.Properties["email"]
}

// checkWritten refuses the answer to another batch than was sent. What became
// of it is unknown then. A record that was not sent is passed over by the
// caller, whose input it does not answer.
func checkWritten(op, verb string, inputs []wireInput, results []wireRecord) error {
	if len(results) > len(inputs) {
		return tooMany(op, len(results), len(inputs))
	}
	seen := make(map[string]bool, len(results))
	for _, w := range results {
		id := string(w.ID)
		if verb == "create" && seen[id] {
			return &Error{Op: op, Status: http.StatusOK, Unreadable: true, Message: "HubSpot's answer says that two inputs made the same record " + id}
		}
		seen[id] = true
	}
	return nil
}

func batchResult(op string, a answer, out wireBatch[wireRecord]) BatchResult {
	result := BatchResult{
		Records:    records(out.Results),
		New:        make(map[string]bool),
		Traces:     make(map[string]string),
		Failures:   failures(op, out.Errors),
		ServerTime: serverTime(a, out.CompletedAt),
	}
	for _, w := range out.Results {
		id := string(w.ID)
		if w.New {
			result.New[id] = true
		}
		if w.TraceID != "" {
			result.Traces[id] = string(w.TraceID)
		}
		for _, warning := range w.Warnings {
			result.Warnings = append(result.Warnings, Warning{
				RecordID:   id,
				Property:   firstOf(warning.Context["propertyName"]),
				Category:   string(warning.Category),
				Raw:        firstOf(warning.Context["rawValue"]),
				Normalized: firstOf(warning.Context["normalizedValue"]),
				Message:    string(warning.Message),
			})
		}
	}
	return result
}

// failures returns one entry per trace id that an error names.
func failures(op string, in []wireError) []InputError {
	var out []InputError
	for _, w := range in {
		e := inputError(op, w)
		traces := w.Context["objectWriteTraceId"]
		ids := unique(slices.Concat(w.Context["ids"], w.Context["id"]))
		if len(ids) == 0 {
			ids = nil
		}
		for _, trace := range traces {
			out = append(out, InputError{TraceID: trace, IDs: ids, Err: e})
		}
		if len(traces) == 0 {
			out = append(out, InputError{IDs: ids, Err: e})
		}
	}
	return out
}

// BatchArchive moves up to MaxBatch records to the bin. Ids that are not there
// are no error.
func (c *Client) BatchArchive(ctx context.Context, objectType string, ids []string) error {
	r, err := objectRequest("archive", objectType, http.MethodPost, "batch", "archive")
	if err != nil {
		return err
	}
	if slices.Contains(ids, "") {
		return invalid(r.op, "an id is empty")
	}
	ids = unique(ids)
	if len(ids) == 0 {
		return nil
	}
	if len(ids) > MaxBatch {
		return invalid(r.op, "a batch has at most %d records, not %d", MaxBatch, len(ids))
	}
	r.body = map[string]any{"inputs": idInputs(ids)}
	_, err = c.do(ctx, r)
	return err
}

// serverTime prefers the batch's own time, which has milliseconds, to the
// header's whole seconds.
func serverTime(a answer, completed instant) time.Time {
	if a.date.IsZero() || completed.Sub(a.date).Abs() < time.Minute {
		return completed.Time
	}
	return a.date
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
