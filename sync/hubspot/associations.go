package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The largest batches of associations.
const (
	MaxAssociationRead  = 1000
	MaxAssociationWrite = 2000
	// MaxAssociationArchive is how many records a request may name whose
	// associations go; the client makes as many calls as are needed.
	MaxAssociationArchive = 100
)

// AssociationType is a way in which records of two types belong together. The
// pair has a direction: the opposite one has another id.
type AssociationType struct {
	Category string // HUBSPOT_DEFINED, USER_DEFINED, INTEGRATOR_DEFINED
	TypeID   int
	Label    string // "" for the unlabelled type
}

// Edge is an association between two records, with all its types.
type Edge struct {
	From, To string
	Types    []AssociationType
}

// AssociationReadResult is what records are associated with.
type AssociationReadResult struct {
	Edges []Edge
	// Failures are the records whose associations could not be read. To have
	// none is not a failure.
	Failures   []InputError
	ServerTime time.Time // HubSpot's clock at the first of the calls
}

// AssociationWriteResult is what became of a batch of associations. HubSpot
// has no trace ids here: Failures name records by IDs where they can.
type AssociationWriteResult struct {
	Edges      []Edge // that exist now; their types may be left out
	Failures   []InputError
	ServerTime time.Time
}

// wireType is an association type in a request; responses call its parts
// category and typeId.
type wireType struct {
	Category string `json:"associationCategory"`
	TypeID   int    `json:"associationTypeId"`
}

type wireLabel struct {
	Category text `json:"category"`
	TypeID   int  `json:"typeId"`
	Label    text `json:"label"`
}

func (l wireLabel) associationType() AssociationType {
	return AssociationType{Category: string(l.Category), TypeID: l.TypeID, Label: string(l.Label)}
}

type wireAssociations struct {
	From struct {
		ID ident `json:"id"`
	} `json:"from"`
	To []struct {
		ID    ident       `json:"toObjectId"`
		Types []wireLabel `json:"associationTypes"`
	} `json:"to"`
	Paging paging `json:"paging"`
}

// key is "" where any record is missing.
func (w wireAssociations) key() string {
	for _, t := range w.To {
		if t.ID == "" {
			return ""
		}
	}
	return string(w.From.ID)
}

// wireCreated is an association in the answer to a create, in either of its
// two forms.
type wireCreated struct {
	FromID ident `json:"fromObjectId"`
	ToID   ident `json:"toObjectId"`
	From   struct {
		ID ident `json:"id"`
	} `json:"from"`
	To struct {
		ID ident `json:"id"`
	} `json:"to"`
	Spec *wireType `json:"associationSpec"`
}

func associationRequest(verb, from, to string, parts ...string) (*request, error) {
	op := verb + " of " + from + " with " + to
	if err := checkObjectType(op, from); err != nil {
		return nil, err
	}
	if err := checkObjectType(op, to); err != nil {
		return nil, err
	}
	path, err := segments(op, append([]string{"crm", "associations", APIVersion, from, to}, parts...)...)
	if err != nil {
		return nil, err
	}
	return &request{op: op, method: http.MethodPost, path: path, objectType: lockName(from)}, nil
}

type pageInput struct {
	ID    string `json:"id"`
	After string `json:"after,omitempty"`
}

// BatchReadAssociations returns what the records with the given ids are
// associated with. Any number of ids may be given; long lists are followed to
// their end.
func (c *Client) BatchReadAssociations(ctx context.Context, from, to string, ids []string) (AssociationReadResult, error) {
	var result AssociationReadResult
	for chunk := range slices.Chunk(unique(ids), MaxAssociationRead) {
		inputs := make([]pageInput, len(chunk))
		for i, id := range chunk {
			inputs[i].ID = id
		}
		walks := make(map[string]*walk)
		for len(inputs) > 0 {
			var err error
			if inputs, err = c.readEdges(ctx, from, to, inputs, walks, &result); err != nil {
				return AssociationReadResult{}, err
			}
		}
	}
	return result, nil
}

// readEdges makes one call and returns the inputs that go on.
func (c *Client) readEdges(ctx context.Context, from, to string, inputs []pageInput, walks map[string]*walk, result *AssociationReadResult) ([]pageInput, error) {
	r, err := associationRequest("read associations", from, to, "batch", "read")
	if err != nil {
		return nil, err
	}
	var out wireBatch[wireAssociations]
	r.read, r.out = true, &out
	r.body = map[string]any{"inputs": inputs}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	if result.ServerTime.IsZero() {
		result.ServerTime = serverTime(a, out.CompletedAt)
	}
	asked := make(map[string]string, len(inputs))
	for _, in := range inputs {
		asked[in.ID] = in.After
	}
	var more []pageInput
	for _, w := range out.Results {
		id := string(w.From.ID)
		for _, t := range w.To {
			edge := Edge{From: id, To: string(t.ID)}
			for _, l := range t.Types {
				edge.Types = append(edge.Types, l.associationType())
			}
			result.Edges = append(result.Edges, edge)
		}
		if err := w.Paging.check(); err != nil {
			return nil, &Error{Op: r.op, Status: http.StatusOK, Unreadable: true, Message: err.Error()}
		}
		after := w.Paging.after()
		if after == "" {
			continue
		}
		if walks[id] == nil {
			walks[id] = newWalk(r.op, asked[id])
		}
		if err := walks[id].move(len(w.To), after); err != nil {
			return nil, err
		}
		more = append(more, pageInput{ID: id, After: after})
	}
	for _, w := range out.Errors {
		if strings.HasSuffix(string(w.SubCategory), "NO_ASSOCIATIONS_FOUND") {
			continue
		}
		result.Failures = append(result.Failures, edgeFailure(r.op, w))
	}
	return more, nil
}

// edgeFailure reads an error about associations, which names records under
// several names.
func edgeFailure(op string, w wireError) InputError {
	ids := unique(slices.Concat(w.Context["ids"], w.Context["id"], w.Context["fromObjectId"], w.Context["toObjectId"]))
	if len(ids) == 0 {
		ids = idsInText(append([]string{string(w.Message)}, w.Context["INVALID_OBJECT_IDS"]...))
	}
	if len(ids) == 0 {
		ids = nil
	}
	return InputError{IDs: ids, Err: inputError(op, w)}
}

// namedIDs finds the records that an error names in its words only: "Object 42
// cannot be associated to itself (42)" and "CONTACT=42 is not valid".
var namedIDs = regexp.MustCompile(`(?:\bObject |=)(\d+) (?:cannot be associated|is not valid)`)

func idsInText(texts []string) []string {
	var ids []string
	for _, s := range texts {
		for _, m := range namedIDs.FindAllStringSubmatch(s, -1) {
			ids = append(ids, m[1])
		}
	}
	return unique(ids)
}

type wireEdge struct {
	From  idInput    `json:"from"`
	To    idInput    `json:"to"`
	Types []wireType `json:"types,omitempty"`
}

func wireEdges(op string, edges []Edge, typed bool) ([]wireEdge, error) {
	if len(edges) > MaxAssociationWrite {
		return nil, invalid(op, "a batch has at most %d associations, not %d", MaxAssociationWrite, len(edges))
	}
	out := make([]wireEdge, len(edges))
	for i, e := range edges {
		if e.From == "" || e.To == "" {
			return nil, invalid(op, "an association lacks a record")
		}
		out[i] = wireEdge{From: idInput{e.From}, To: idInput{e.To}}
		if !typed {
			continue
		}
		if len(e.Types) == 0 {
			return nil, invalid(op, "the association of %s with %s has no type", e.From, e.To)
		}
		for _, t := range e.Types {
			out[i].Types = append(out[i].Types, wireType{Category: t.Category, TypeID: t.TypeID})
		}
	}
	return out, nil
}

// BatchCreateAssociations makes up to MaxAssociationWrite associations. The
// types given for a pair replace its labels; making one again changes nothing.
// An edge without types gets the pair's usual unlabelled one; edges with and
// without types take two calls. With an error the result tells what the first
// of them made; all edges may be sent again.
func (c *Client) BatchCreateAssociations(ctx context.Context, from, to string, edges []Edge) (AssociationWriteResult, error) {
	var result AssociationWriteResult
	if len(edges) > MaxAssociationWrite {
		return result, invalid("associate "+from, "a batch has at most %d associations, not %d", MaxAssociationWrite, len(edges))
	}
	var typed, plain []Edge
	for _, e := range edges {
		if len(e.Types) > 0 {
			typed = append(typed, e)
		} else {
			plain = append(plain, e)
		}
	}
	if err := c.createEdges(ctx, from, to, typed, true, &result); err != nil {
		return result, err
	}
	err := c.createEdges(ctx, from, to, plain, false, &result)
	return result, err
}

func (c *Client) createEdges(ctx context.Context, from, to string, edges []Edge, typed bool, result *AssociationWriteResult) error {
	if len(edges) == 0 {
		return nil
	}
	parts := []string{"batch", "create"}
	if !typed {
		parts = []string{"batch", "associate", "default"}
	}
	r, err := associationRequest("create associations", from, to, parts...)
	if err != nil {
		return err
	}
	inputs, err := wireEdges(r.op, edges, typed)
	if err != nil {
		return err
	}
	var out wireBatch[wireCreated]
	r.body, r.out = map[string]any{"inputs": inputs}, &out
	a, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	result.ServerTime = serverTime(a, out.CompletedAt)
	for _, w := range out.Results {
		result.Edges = append(result.Edges, w.edge())
	}
	for _, w := range out.Errors {
		result.Failures = append(result.Failures, edgeFailure(r.op, w))
	}
	return nil
}

func (w wireCreated) key() string {
	if e := w.edge(); e.From != "" {
		return e.To
	}
	return ""
}

func (w wireCreated) edge() Edge {
	e := Edge{From: string(w.FromID), To: string(w.ToID)}
	if e.From == "" {
		e.From, e.To = string(w.From.ID), string(w.To.ID)
	}
	if w.Spec != nil {
		e.Types = []AssociationType{{Category: w.Spec.Category, TypeID: w.Spec.TypeID}}
	}
	return e
}

// BatchArchiveAssociations removes every association between the records of
// each edge, whatever its types. Removing what is not there is no error. With an
// error the result tells what the calls before it did; all edges may be sent
// again.
func (c *Client) BatchArchiveAssociations(ctx context.Context, from, to string, edges []Edge) (AssociationWriteResult, error) {
	var result AssociationWriteResult
	if len(edges) == 0 {
		return result, nil
	}
	r, err := associationRequest("remove associations", from, to, "batch", "archive")
	if err != nil {
		return result, err
	}
	checked, err := wireEdges(r.op, edges, false)
	if err != nil {
		return result, err
	}
	type archiveInput struct {
		From idInput   `json:"from"`
		To   []idInput `json:"to"`
	}
	var inputs []archiveInput
	at := make(map[string]int)
	for _, e := range checked {
		i, ok := at[e.From.ID]
		if !ok {
			i = len(inputs)
			at[e.From.ID] = i
			inputs = append(inputs, archiveInput{From: e.From})
		}
		inputs[i].To = append(inputs[i].To, e.To)
	}
	for part := range slices.Chunk(inputs, MaxAssociationArchive) {
		if err := c.removeEdges(ctx, r, map[string]any{"inputs": part}, &result); err != nil {
			return result, err
		}
	}
	return result, nil
}

// BatchArchiveLabels removes the given types of each edge and keeps the others.
// Removing the unlabelled type removes the association. An error is as that of
// [Client.BatchArchiveAssociations].
func (c *Client) BatchArchiveLabels(ctx context.Context, from, to string, edges []Edge) (AssociationWriteResult, error) {
	var result AssociationWriteResult
	if len(edges) == 0 {
		return result, nil
	}
	r, err := associationRequest("remove labels", from, to, "batch", "labels", "archive")
	if err != nil {
		return result, err
	}
	inputs, err := wireEdges(r.op, edges, true)
	if err != nil {
		return result, err
	}
	for len(inputs) > 0 {
		n := 0
		for named := make(map[string]bool); n < len(inputs); n++ {
			if named[inputs[n].From.ID] = true; len(named) > MaxAssociationArchive {
				break
			}
		}
		if err := c.removeEdges(ctx, r, map[string]any{"inputs": inputs[:n]}, &result); err != nil {
			return result, err
		}
		inputs = inputs[n:]
	}
	return result, nil
}

// removeEdges accepts the empty 204 of older versions and the body of newer
// ones.
func (c *Client) removeEdges(ctx context.Context, r *request, body any, result *AssociationWriteResult) error {
	var out wireRemoval
	r.body, r.out = body, &out
	a, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	result.ServerTime = serverTime(a, out.CompletedAt)
	for _, w := range out.Errors {
		result.Failures = append(result.Failures, edgeFailure(r.op, w))
	}
	return nil
}

// AssociationLabels returns the types that records of two object types can be
// associated by, in this direction.
func (c *Client) AssociationLabels(ctx context.Context, from, to string) ([]AssociationType, error) {
	r, err := associationRequest("read association labels", from, to, "labels")
	if err != nil {
		return nil, err
	}
	r.method, r.read = http.MethodGet, true
	labels, err := collect[wireLabel](ctx, c, r)
	if err != nil {
		return nil, err
	}
	types := make([]AssociationType, len(labels))
	for i, l := range labels {
		types[i] = l.associationType()
	}
	return types, nil
}

// AssociationLimits is how many records of one type a record of another may be
// associated with.
type AssociationLimits struct {
	Most int // whatever the label; 0 = not known
	// Types are an administrator's limits for some labels.
	Types []AssociationTypeLimit
}

// AssociationTypeLimit is the limit of one label in one direction.
type AssociationTypeLimit struct {
	Type AssociationType
	Most int
}

// AssociationLimits reads the limits of a portal for a pair of object types, in
// this direction.
func (c *Client) AssociationLimits(ctx context.Context, from, to string) (AssociationLimits, error) {
	var out AssociationLimits
	r, err := associationRequest("read limits of associations", from, to)
	if err != nil {
		return out, err
	}
	var records struct {
		Limit int `json:"limit"`
	}
	path, err := segments(r.op, "crm", "limits", APIVersion, "associations", "records", from, to)
	if err != nil {
		return out, err
	}
	if _, err := c.do(ctx, &request{op: r.op, method: http.MethodGet, read: true, path: path, out: &records}); err != nil {
		return out, err
	}
	out.Most = records.Limit
	if path, err = segments(r.op, "crm", "associations", APIVersion, "definitions", "configurations", from, to); err != nil {
		return out, err
	}
	set, err := collect[wireConfiguration](ctx, c, &request{op: r.op, method: http.MethodGet, read: true, path: path, objectType: lockName(from)})
	if err != nil {
		return out, err
	}
	for _, s := range set {
		if s.Most > 0 {
			out.Types = append(out.Types, AssociationTypeLimit{s.associationType(), s.Most})
		}
	}
	return out, nil
}

// wireConfiguration is an administrator's limit of one type.
type wireConfiguration struct {
	wireLabel
	Most int `json:"userEnforcedMaxToObjectIds"`
}

// labelName are the characters that HubSpot takes in the name of a label: no
// hyphen, and no digit at its start (facts §5.2).
var labelName = regexp.MustCompile(`[^a-z0-9]+`)

// CreateAssociationLabel makes a label for associations of two object types and
// returns the types that it stands for in this direction. HubSpot lets a portal
// have ten for a pair of object types.
func (c *Client) CreateAssociationLabel(ctx context.Context, from, to, label string) ([]AssociationType, error) {
	r, err := associationRequest("create association label", from, to, "labels")
	if err != nil {
		return nil, err
	}
	name := strings.Trim(labelName.ReplaceAllString(strings.ToLower(label), "_"), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "label_" + name
	}
	var types []AssociationType
	// The answer has the type of either direction; which is which the list tells.
	there := func() (bool, error) {
		var err error
		types, err = c.AssociationLabels(ctx, from, to)
		return slices.ContainsFunc(types, func(t AssociationType) bool { return t.Label == label }), err
	}
	r.body = map[string]any{"label": label, "name": name}
	err = c.settle(ctx, func() error {
		var out struct {
			Results []wireLabel `json:"results"`
		}
		r.out = &out
		_, err := c.do(ctx, r)
		return err
	}, there)
	if err != nil {
		return nil, err
	}
	_, err = c.shown(ctx, 0, there)
	return types, err
}

func (l wireLabel) key() string {
	if l.TypeID == 0 {
		return ""
	}
	return fmt.Sprint(l.Category, " ", l.TypeID)
}
