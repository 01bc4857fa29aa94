Feature: Importing real exports
  Whoever has an export of runs, jobs or alerts gets its numbers into Fettle as they are, once, and keeps every fact.

  Scenario: Runs with all their attempts from a CSV
    When I import runs from "runs/aoe_runs.csv" for "aoe/app"
    Then there are 4424 workflow runs with 4334 different run ids
    And the conclusions are
      | conclusion      | runs |
      | cancelled       | 2174 |
      | failure         | 1331 |
      | success         | 848  |
      | skipped         | 57   |
      | startup_failure | 14   |
    And every run has exactly one latest attempt
    And all attempts of a run were created at the same time

  Scenario: Runs from GitHub's own objects
    When I import runs from "runs/ionic_stencil_workflow_runs.json"
    Then there are 101 workflow runs with 101 different run ids
    And 7 of them are second attempts

  Scenario: Jobs from GitHub's own objects
    When I import jobs from "runs/ionic_stencil_jobs.json"
    Then there are 296 workflow jobs

  Scenario Outline: Alerts keep their state
    When I import alerts from "<file>"
    Then there are <count> <kind> alerts that are <state>

    Examples:
      | file                               | count | kind          | state          |
      | alerts/code_scanning_autopromote.json | 361 | code_scanning | open           |
      | alerts/code_scanning_autopromote.json | 11  | code_scanning | fixed          |
      | alerts/dependabot_openmrs.json        | 150 | dependabot    | open           |
      | alerts/dependabot_openmrs.json        | 46  | dependabot    | auto_dismissed |
      | alerts/dependabot_openmrs.json        | 3   | dependabot    | fixed          |

  Scenario: Fixed alerts took the time they really took
    When I import alerts from "alerts/code_scanning_autopromote.json"
    Then fixing took 5.45 hours on average and 1.94 hours at the median

  Scenario Outline: Importing twice changes nothing
    Given I have imported <kind> from "<file>" for "acme/app"
    When I import <kind> from "<file>" for "acme/app"
    Then nothing has changed

    Examples:
      | kind   | file                                  |
      | runs   | runs/aoe_runs.csv                     |
      | runs   | runs/ionic_stencil_workflow_runs.json |
      | jobs   | runs/ionic_stencil_jobs.json          |
      | alerts | alerts/dependabot_openmrs.json        |

  Scenario: A CSV that names no repository
    When I import runs from "runs/aoe_runs.csv"
    Then I am told to add "--repo owner/name"

  Scenario: A file of another kind
    When I import runs from "alerts/dependabot_openmrs.json"
    Then I am told to try "import alerts"
