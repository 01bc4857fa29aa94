Feature: Limits for alerts
  Whoever sets how soon alerts are to be closed sees at once which ones kept to it, and what other limits would say.

  Scenario Outline: The same alert under different limits
    Given an alert of <severity> severity that was closed after <hours> hours
    When I judge it by the limits of "<preset>"
    Then it is <status>

    Examples:
      | severity | hours | preset     | status   |
      | high     | 100   | fettle     | breached |
      | high     | 100   | defectdojo | met      |
      | low      | 3000  | defectdojo | breached |
      | low      | 3000  | fedramp    | met      |

  Scenario: A level that is switched off
    Given an alert of low severity that was closed after 3000 hours
    When I switch the level low off
    Then it is unknown
