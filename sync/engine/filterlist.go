package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// A list as the filter of a sync: only its members take part. No search tells who is
// in a list, and no record's date that it joined or left one, so that each pull reads
// the list and its members anew. Who leaves it is out of scope, and not gone.

// filtered reports whether only some records of the object type take part.
func (j *job) filtered() bool {
	return len(j.Definition.HubSpot.Filter) > 0 || j.Definition.HubSpot.FilterList != ""
}

// checkFilterList finds the list that the definition names as its filter.
func (j *job) checkFilterList(ctx context.Context) ([]definition.Problem, error) {
	d := j.Definition
	name := d.HubSpot.FilterList
	tell := func(why string) []definition.Problem {
		return []definition.Problem{{Line: d.Line("hubspot.filter-list"), Key: "hubspot.filter-list", Msg: why}}
	}
	switch {
	case name == "":
		return nil, nil
	case j.making:
		return tell("the object type is still to be made, and has no list yet: take the line out until it is there."), nil
	}
	list, err := j.Client.SegmentNamed(ctx, j.schema.object.ID, name)
	switch {
	case hubspot.IsNotFound(err):
		why, err := j.noList(ctx, name)
		return tell(why), err
	case err != nil:
		return nil, err
	}
	j.filterList = &list
	return nil, nil
}

// knowInList reads who is in the list that is the filter, once for each pull.
func (j *job) knowInList(ctx context.Context) error {
	if j.filterList == nil {
		return nil
	}
	in := make(map[string]bool, j.filterList.Size)
	err := j.Client.Members(ctx, j.filterList.ID, func(page []hubspot.Member) error {
		for _, m := range page {
			in[m.Record] = true
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the members of the list %q could not be read: %w", j.filterList.Name, err)
	}
	j.inList = in
	return nil
}

// listScope tells which records are in the list that is the filter; nil where there
// is none.
func (j *job) listScope(records []record.Record) map[string]bool {
	if j.filterList == nil {
		return nil
	}
	scope := make(map[string]bool, len(records))
	for _, r := range records {
		scope[r.ID] = j.inList[r.ID]
	}
	return scope
}

// seeListed keeps records of which only the list has to tell whether they are in
// scope.
func (j *job) seeListed(ctx context.Context, records []record.Record) error {
	if j.inList == nil { // a plan is applied that was made earlier
		if err := j.knowInList(ctx); err != nil {
			return err
		}
	}
	return j.seeRecords(ctx, records, j.listScope(records))
}

// pullListed reads the members of the list, by their ids: as they are, and not as an
// index knows them.
func (j *job) pullListed(ctx context.Context) error {
	return j.readAgain(ctx, slices.Sorted(maps.Keys(j.inList)), j.seeListed)
}
