Feature: Bad input
  Whatever is wrong, I am told in one clear sentence what it is and what to do next, and nothing I had is lost.

  Background:
    Given I have imported 2 workflow runs of "octo/robot"

  # --- GitHub

  Scenario: A wrong token
    Given GitHub has "acme/shop" with 3 workflow runs
    And my token is "ghp_wrong"
    When I run "collect --org acme"
    Then it ends with exit code 1
    And one sentence names "GITHUB_TOKEN" and says "make a new token"
    And there are 2 workflow runs

  Scenario: Doctor says so too
    Given GitHub has "acme/shop" with 3 workflow runs
    And my token is "ghp_wrong"
    When I run "doctor"
    Then it ends with exit code 1
    And it prints "PROBLEM  github: GITHUB_TOKEN was rejected"
    And it prints "ok       store"

  Scenario: No token at all
    When I run "collect --org acme"
    Then it ends with exit code 1
    And one sentence names "GITHUB_TOKEN" and says "make a token at https://github.com/settings/tokens"
    And there are 2 workflow runs

  Scenario: A token without the scope for one kind of alert
    Given GitHub has "acme/shop" with 3 workflow runs
    And my token may not read Dependabot alerts
    When I run "collect --org acme"
    Then it ends with exit code 2
    And it prints "acme/shop dependabot: forbidden"
    And it prints "give the token the permission Dependabot alerts: read"
    And there are 5 workflow runs
    And the ledger says "forbidden" for "dependabot" of "acme/shop"

  Scenario: One repository that I may not read
    Given GitHub has "acme/shop" with 3 workflow runs
    And GitHub has "acme/till" with 1 workflow runs
    And GitHub refuses everything of "acme/till"
    When I run "collect --org acme"
    Then it ends with exit code 2
    And it prints "acme/till workflow_runs: forbidden"
    And there are 5 workflow runs
    And the ledger says "forbidden" for "workflow_runs" of "acme/till"

  Scenario: An organisation that nobody knows
    Given GitHub has "acme/shop" with 3 workflow runs
    When I run "collect --org nobody"
    Then it ends with exit code 1
    And one sentence names "nobody" and says "check the spelling of --org"
    And there are 2 workflow runs

  Scenario: A misspelt organisation beside a right one
    Given GitHub has "acme/shop" with 3 workflow runs
    When I run "collect --org acme --org nobody"
    Then it ends with exit code 2
    And it prints "nobody/* repositories: not_found"
    And there are 5 workflow runs

  @slow
  Scenario: GitHub cannot be reached
    Given nobody answers at GITHUB_API_URL
    When I run "doctor"
    Then it ends with exit code 1
    And it prints "check the network and GITHUB_API_URL"

  # --- Files

  Scenario Outline: A corrupt file
    Given a file "<file>" that is <what>
    When I run "import runs <file> --repo acme/shop"
    Then it ends with exit code 1
    And one sentence names "<file>" and says "<advice>"
    And there are 2 workflow runs

    Examples:
      | file      | what             | advice                |
      | cut.json  | cut-off JSON     | export it again       |
      | runs.gz   | damaged gzip     | download it again     |
      | void.csv  | empty            | export it again       |
      | runs.xlsx | an Excel file    | save the sheet as CSV |
      | runs.html | a web page       | download the CSV      |
      | other.csv | a table of other | try "import alerts"   |

  Scenario: A file that is not there
    When I run "import runs none.csv"
    Then it ends with exit code 1
    And one sentence names "none.csv" and says "check the path"

  Scenario: A corrupt file after a good one
    Given a file "good.csv" that is 3 workflow runs
    And a file "cut.json" that is cut-off JSON
    When I run "import runs good.csv cut.json"
    Then it ends with exit code 2
    And one sentence names "cut.json" and says "1 before it is imported"
    And there are 3 workflow runs

  Scenario: A partition that somebody damaged
    Given somebody cut off a partition
    When I run "metrics success_rate"
    Then it ends with exit code 1
    And one sentence names "tables/workflow_runs/" and says "restore it from a backup"

  # --- The disk

  Scenario: The disk of the store is full
    Given a store on a small disk with 2 workflow runs
    And a file "many.csv" that is 3000 workflow runs
    And the disk is full
    When I run "import runs many.csv"
    Then it ends with exit code 1
    And one sentence names "FETTLE_STORE" and says "free some"
    And there are 2 workflow runs
    When there is room again
    And I run "import runs many.csv"
    Then it ends with exit code 0
    And there are 3000 workflow runs

  Scenario: The disk of the cache is full
    Given a cache on a small disk
    And a file "many.csv" that is 3000 workflow runs
    And the disk is nearly full
    When I run "import runs many.csv"
    Then it ends with exit code 1
    And one sentence names "FETTLE_CACHE" and says "free some"
    When I run "metrics success_rate"
    Then it ends with exit code 0
    When there is room again
    And I run "import runs many.csv"
    Then it ends with exit code 0
    And there are 3000 workflow runs

  Scenario: No file may grow any more
    Given a file "many.csv" that is 3000 workflow runs
    When I run "import runs many.csv" where no file may be larger than 16 kB
    Then it ends with exit code 1
    And one sentence names "FETTLE_CACHE" and says "free some"
    And there are 2 workflow runs
    When I run "import runs many.csv"
    Then it ends with exit code 0
    And there are 3000 workflow runs

  # --- The store

  Scenario Outline: A local store that cannot be used
    Given FETTLE_STORE is "<store>"
    When I run "<command>"
    Then it ends with exit code 1
    And one sentence names "<store>" and says "FETTLE_STORE"

    Examples:
      | store              | command                          |
      | file://taken       | metrics success_rate             |
      | file://taken       | import runs two.csv              |
      | file://taken       | demo load                        |
      | file://taken/below | demo clear                       |
      | file:///proc/none  | import runs two.csv              |

  @slow
  Scenario: An Azure store at which nobody answers
    Given an Azure store at a closed port
    When I run "metrics success_rate"
    Then it ends with exit code 1
    And it took less than 15 seconds
    And one sentence names "az://fettle/lake" and says "check the network"

  @slow
  Scenario: An Azure store that hangs
    Given an Azure store that hangs
    When I run "metrics success_rate"
    Then it ends with exit code 1
    And it took less than 60 seconds
    And one sentence names "az://fettle/lake" and says "check the network"

  Scenario: A wrong account key
    Given an Azure store with a wrong key
    When I run "metrics success_rate"
    Then it ends with exit code 1
    And one sentence names "az://fettle/lake" and says "check AZURE_STORAGE_CONNECTION_STRING"

  Scenario: A container that is not there yet is an empty store
    Given an Azure store without a container
    When I run "metrics success_rate --format csv"
    Then it ends with exit code 0
    And it prints "0,0,0,0,0,"

  # --- Settings and commands

  Scenario Outline: A setting that is of no use
    Given <variable> is "<value>"
    When I run "metrics success_rate"
    Then it ends with exit code 1
    And one sentence names "<variable>" and says "<advice>"
    And there are 2 workflow runs

    Examples:
      | variable                        | value         | advice                              |
      | FETTLE_STORE                    | s3://bucket   | use file:///path or az://container  |
      | FETTLE_STORE                    | az://fettle   | set AZURE_STORAGE_ACCOUNT           |
      | FETTLE_NOW                      | yesterday     | README                              |
      | FETTLE_CACHE                    | taken         | point it at a writable folder       |
      | FETTLE_MEMORY_LIMIT             | lots          | README                              |
      | FETTLE_ROWS                     | all           | 'auto', 'real' or 'demo'            |
      | GITHUB_API_URL                  | api.github    | such as https://api.github.com      |

  Scenario: A connection string of no use
    Given an Azure store with a malformed connection string
    When I run "metrics success_rate"
    Then it ends with exit code 1
    And one sentence names "AZURE_STORAGE_CONNECTION_STRING" and says "copy it anew"

  Scenario Outline: A command that was typed wrongly
    When I run "<command>"
    Then it ends with exit code 1
    And one sentence names "<thing>" and says "<advice>"
    And there are 2 workflow runs

    Examples:
      | command                              | thing        | advice                             |
      | colect                               | colect       | python -m backend --help           |
      | metrics success_rate --rnge 30d      | --rnge       | python -m backend metrics --help   |
      | metrics success_rate --format yaml   | yaml         | 'table', 'json', 'csv'             |
      | metrics success_rate --range often   | often        | 24h, 7d, 30d, 90d, 1y, all         |
      | metrics success_rate --by moon       | moon         | use one of org, repo, workflow     |
      | metrics success_rate --rows --by moon | moon        | use one of org, repo, workflow     |
      | metrics success_rate --switch moon   | moon         | it has none                        |
      | metrics time_to_remediate --switch x | 'x'          | use one of include_dismissed       |
      | metrics success_rate --as-of tonight | --as-of      | write it as 2026-11-21T12:00Z      |
      | metrics success_rate --as-of 2026-13-01 | 2026-13-01 | write it as 2026-11-21T12:00Z     |
      | metrics happiness                    | happiness    | use one of time_to_remediate       |
      | import dreams two.csv                | dreams       | the kinds are runs, jobs, alerts   |
      | import runs two.csv --repo shop      | shop         | owner/name                         |
      | import runs                          | FILE         | python -m backend import --help    |
      | collect                              | --org ORG    | pass --org                         |
      | collect --org acme --only moods      | moods        | use one of repositories            |
      | collect --org acme --since soon      | soon         | YYYY-MM-DD                         |
      | collect --org acme --shard 3/2       | 3/2          | such as 1/4                        |
      | demo load --repos 0                  | --repos      | use 1 to 10000                     |
      | serve api --host 0.0.0.0             | 0.0.0.0      | FETTLE_OPEN_TO_NETWORK             |

  Scenario: --debug shows the traceback, and still no secret
    Given FETTLE_STORE is "file://taken"
    And my token is "ghp_secret"
    When I run "metrics success_rate --debug" as a process
    Then it ends with exit code 1
    And standard error holds a traceback

  Scenario: Without --debug there is none
    Given FETTLE_STORE is "file://taken"
    And my token is "ghp_secret"
    When I run "metrics success_rate" as a process
    Then it ends with exit code 1
    And one sentence names "taken" and says "FETTLE_STORE"
