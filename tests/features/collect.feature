Feature: Collecting from GitHub
  What GitHub knows of my repositories is in my lake, complete, and stays there.

  Background:
    Given an organisation "acme" with the repository "acme/shop"

  Scenario: Everything is there after the first collection
    Given "acme/shop" has 120 workflow runs and 3 alerts of each kind
    When I collect "acme"
    Then it ends with exit code 0
    And the lake has 120 workflow runs and 9 alerts

  Scenario: Collecting again costs little and changes nothing
    Given "acme/shop" has 120 workflow runs and 3 alerts of each kind
    When I collect "acme"
    And I collect "acme"
    Then it ends with exit code 0
    And no table has changed since the first collection
    And it took at most 8 requests

  Scenario: What GitHub deletes stays
    Given "acme/shop" has 5 workflow runs and 0 alerts of each kind
    When I collect "acme"
    And GitHub deletes the oldest run
    And I collect "acme"
    Then the lake has 5 workflow runs and 0 alerts

  Scenario: A feature that is off is not "no alerts"
    Given Dependabot alerts are switched off for "acme/shop"
    When I collect "acme"
    Then it ends with exit code 0
    And the ledger says "disabled" for "dependabot" of "acme/shop"

  Scenario: One thing I may not read does not cost me the rest
    Given "acme/shop" has 5 workflow runs and 2 alerts of each kind
    And my token may not read Dependabot alerts
    When I collect "acme"
    Then it ends with exit code 2
    And the lake has 5 workflow runs and 4 alerts
    And the ledger says "forbidden" for "dependabot" of "acme/shop"
    And the reason names "Dependabot alerts: read"

  Scenario: A wrong token says so
    Given my token is wrong
    When I collect "acme"
    Then it ends with exit code 1
    And it says "GITHUB_TOKEN was rejected"

  Scenario: GitHub stumbles
    Given "acme/shop" has 120 workflow runs and 0 alerts of each kind
    And GitHub answers every third request with status 502
    When I collect "acme"
    Then it ends with exit code 0
    And the lake has 120 workflow runs and 0 alerts

  Scenario: A budget is kept, and the same command goes on where it stopped
    Given "acme/shop" has 350 workflow runs and 3 alerts of each kind
    When I collect "acme" with a budget of 6 requests
    Then it ends with exit code 2
    And it took at most 6 requests
    And it says "run the same command again to go on"
    When I collect "acme" with a budget of 6 requests until it ends by itself
    Then it ends with exit code 0
    And the lake has 350 workflow runs and 9 alerts

  Scenario: A plan names the requests and makes none of them
    Given "acme/shop" has 120 workflow runs and 3 alerts of each kind
    When I plan to collect "acme"
    Then the plan names "/repos/acme/shop/actions/runs"
    And GitHub was asked for nothing but repositories
    And the lake has 0 workflow runs and 0 alerts

  Scenario: A repository that was renamed keeps its history
    Given "acme/shop" has 120 workflow runs and 3 alerts of each kind
    When I collect "acme"
    And "acme/shop" is renamed "acme/store"
    And I collect "acme"
    Then it ends with exit code 0
    And the lake has 120 workflow runs and 9 alerts
    And every row belongs to "acme/store"

  Scenario: A run that is started again weeks later is known the next day
    Given "acme/shop" has 350 workflow runs and 0 alerts of each kind
    When I collect "acme"
    And the oldest run of the last 29 days is started again and fails
    And a day goes by
    And I collect "acme"
    Then the lake has 2 attempts of that run, of which the latest is a failure

  Scenario: An alert that comes back is known to have been closed
    Given "acme/shop" has 0 workflow runs and 1 alerts of each kind
    When I collect "acme"
    And GitHub says that the Dependabot alert is fixed
    And I collect "acme"
    And GitHub says that the Dependabot alert is open again
    And I collect "acme"
    Then the Dependabot alert is open, and was reopened 1 time
    And its events are "created, fixed, reopened"
