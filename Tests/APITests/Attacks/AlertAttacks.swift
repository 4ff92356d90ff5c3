import API
import MoneyAndTime
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    var alertAttacks: [Attack] {
        [
            Attack(operation: .listToDo, by: .buyer, outsider: .ownOnly),
            Attack(operation: .listAlerts, query: "state=unread", outsider: .ownOnly),
            Attack(
                operation: .markAlertsRead,
                body: .json(["alerts": ["alert_01j0000000e008000000000172"]]),
                outsider: .everyones),
            Attack(operation: .getAlertSettings, outsider: .ownOnly),
            Attack(
                operation: .updateAlertSettings,
                body: .json([
                    "kinds": [["kind": "visit_moved", "bell": true, "mail": false]],
                    "reminders": [15, 1440], "digest_minutes": 60, "language": "sv",
                ]), revision: "\"0\"", outsider: .ownOnly),
            Attack(operation: .listMessages, outsider: .ownOnly),
            Attack(operation: .getTextGateway, outsider: .ownOnly),
            Attack(
                operation: .updateTextGateway,
                body: .json([
                    "gateway": [
                        "address": "https://sms.example/send", "method": "POST",
                        "content_type": "application/json",
                        "body": "{\"to\":\"{to}\",\"text\":\"{text}\"}",
                        "header": "Authorization", "secret": "Bearer a-secret",
                    ],
                    "reminders": [1440], "texts": ["fi": "Aika: {when}. {organisation}"],
                ]), revision: "\"0\"", outsider: .ownOnly),
            Attack(
                operation: .getPatientContact, by: .buyer, path: [bookings.toAgree]),
            Attack(
                operation: .setPatientContact, by: .buyer, path: [bookings.toAgree],
                body: .json(["number": "+358 40 000 0000", "language": "fi"])),
            Attack(operation: .removePatientContact, by: .buyer, path: [bookings.toAgree]),
        ]
    }
}
