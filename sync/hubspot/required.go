package hubspot

// Required are the properties that a record of the type must have when it is
// made: of each group at least one. HubSpot gives a deal without a stage none;
// portals can ask for more, which only their answers tell.
func (t ObjectType) Required() [][]string {
	switch t.ID {
	case "0-1":
		return [][]string{{"email", "firstname", "lastname"}}
	case "0-2":
		return [][]string{{"name", "domain"}}
	case "0-3":
		return [][]string{{"dealname"}}
	case "0-5":
		return [][]string{{"subject"}, {"hs_pipeline_stage"}}
	case "0-7":
		return [][]string{{"name"}}
	case "0-27", "0-46", "0-48":
		return [][]string{{activityTS}}
	case "0-49":
		return [][]string{{activityTS}, {"hs_email_direction"}}
	}
	return nil
}
