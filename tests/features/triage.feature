Feature: Findings and what people decided on them
  Scans come and go; what people decided stays, and a finding keeps its history.

  Background:
    Given the scan of Monday found "sql" and "xss"

  Scenario: A finding that is gone is fixed, one that is still there recurs
    When the scan of Tuesday found "xss" and "csrf"
    Then "sql" is fixed since Tuesday
    And "xss" is recurring
    And "csrf" is new

  Scenario: A scan that failed fixes nothing
    When the scan of Tuesday found nothing, since it failed
    Then "sql" is new

  Scenario: A triage decision survives a new import
    Given "sql" was called a false positive by "sam" for "It is a constant."
    When the scan of Tuesday found "sql"
    And the scan of Monday is imported again
    Then "sql" is false_positive
    And the decision on it is still that of "sam" for "It is a constant."

  Scenario: An accepted risk comes back when its time is over
    Given the risk of "sql" was accepted by "sam" for 7 days
    Then "sql" is risk_accepted
    And 8 days later it is new
