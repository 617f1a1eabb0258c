package content

import (
	"strconv"
	"strings"
)

const epoch = "1970-01-01T00:00:00Z" // the creation time of what comes with HubSpot

// Pipelines returns the pipelines of an object type: deals and tickets have
// some, and the life cycle of contacts and companies is one, whose stages are
// the options of lifecyclestage.
func Pipelines(objectTypeID string) []Pipeline {
	switch objectTypeID {
	case "0-1":
		return []Pipeline{lifecycle("contacts-lifecycle-pipeline")}
	case "0-2":
		return []Pipeline{lifecycle("companies-lifecycle-pipeline")}
	case "0-3":
		return dealPipelines()
	case "0-5":
		return ticketPipelines()
	case "0-123":
		return []Pipeline{open("14a2e10e-5471-408a-906e-c51f3b04369e", "Order Pipeline", "Open", "Processed", "Shipped", "Delivered", "Cancelled")}
	case "0-136":
		return []Pipeline{open("lead-pipeline-id", "Lead Pipeline", "New", "Attempting", "Connected", "Qualified", "Unqualified")}
	case "0-162":
		return []Pipeline{open("8e2b21d0-7a90-4968-8f8c-a8525cc49c70", "Service Pipeline", "New", "In progress", "Closed")}
	case "0-970":
		return []Pipeline{open("project-pipeline-id", "Project Pipeline", "Not started", "In progress", "Completed")}
	}
	return nil
}

// open is a pipeline of a type without pipelines of its own here: the ids of
// its stages are made of their labels, and the last one ends it.
func open(id, label string, labels ...string) Pipeline {
	var stages []Stage
	for i, l := range labels {
		state := "OPEN"
		if i == len(labels)-1 {
			state = "CLOSED"
		}
		stages = append(stages, Stage{ID: strings.ReplaceAll(strings.ToLower(l), " ", "-") + "-stage-id", Label: l,
			Metadata: map[string]string{"isClosed": strconv.FormatBool(state == "CLOSED"), "state": state}})
	}
	return pipeline(id, label, 0, epoch, stages...)
}

func pipeline(id, label string, order int, at string, stages ...Stage) Pipeline {
	for i := range stages {
		stages[i].DisplayOrder, stages[i].CreatedAt, stages[i].UpdatedAt = i, at, at
		stages[i].WritePermissions = "CRM_PERMISSIONS_ENFORCEMENT"
	}
	return Pipeline{ID: id, Label: label, DisplayOrder: order, CreatedAt: at, UpdatedAt: at, Stages: stages}
}

func lifecycle(id string) Pipeline {
	var stages []Stage
	for _, p := range readTables().properties["0-1"] {
		if p.Name != "lifecyclestage" {
			continue
		}
		for _, o := range p.Options {
			stages = append(stages, Stage{ID: o.Value, Label: o.Label, Metadata: map[string]string{}})
		}
	}
	return pipeline(id, "Lifecycle Stage Pipeline", 0, epoch, stages...)
}

func dealPipelines() []Pipeline {
	stage := func(id, label, probability string) Stage {
		closed := probability == "1.0" || probability == "0.0"
		return Stage{ID: id, Label: label, Metadata: map[string]string{"isClosed": strconv.FormatBool(closed), "probability": probability}}
	}
	return []Pipeline{
		pipeline("default", "Sales Pipeline", 0, epoch,
			stage("appointmentscheduled", "Appointment Scheduled", "0.2"),
			stage("qualifiedtobuy", "Qualified To Buy", "0.4"),
			stage("presentationscheduled", "Presentation Scheduled", "0.6"),
			stage("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
			stage("contractsent", "Contract Sent", "0.9"),
			stage("closedwon", "Closed Won", "1.0"),
			stage("closedlost", "Closed Lost", "0.0")),
		pipeline("74310925", "Renewals", 1, "2023-02-02T10:14:55.620Z",
			stage("143870211", "Renewal due", "0.7"),
			stage("143870212", "Offer sent", "0.8"),
			stage("143870213", "In negotiation", "0.6"),
			stage("143870214", "Renewed", "1.0"),
			stage("143870215", "Churned", "0.0")),
	}
}

func ticketPipelines() []Pipeline {
	stage := func(id, label, state string) Stage {
		return Stage{ID: id, Label: label, Metadata: map[string]string{
			"isClosed": strconv.FormatBool(state == "CLOSED"), "ticketState": state}}
	}
	return []Pipeline{pipeline("0", "Support Pipeline", 0, epoch,
		stage("1", "New", "OPEN"),
		stage("2", "Waiting on contact", "OPEN"),
		stage("3", "Waiting on us", "OPEN"),
		stage("4", "Closed", "CLOSED"))}
}
