extension Operation {
    /// What one owes, and the files by which it is paid.
    func handlePayments(_ call: Call) async throws -> Reply {
        switch self {
        case .listPayables: try await PaymentHandlers.listPayables(call)
        case .setPaymentLimit: try await PaymentHandlers.setLimit(call)
        case .approveInvoicePayment: try await PaymentHandlers.approveInvoice(call)
        case .listPaymentFiles: try await PaymentHandlers.list(call)
        case .getPaymentFile: try await PaymentHandlers.get(call)
        case .getPaymentFileDocument: try await PaymentHandlers.getDocument(call)
        case .importPaymentStatus: try await PaymentHandlers.importStatus(call)
        case .approvePaymentFile: try await PaymentHandlers.approve(call)
        case .withdrawPaymentFile: try await PaymentHandlers.withdraw(call)
        case .proposePaymentFile: try await PaymentHandlers.propose(call)
        default: try await handleLedger(call)
        }
    }

    /// The books, their months, and interest.
    func handleLedger(_ call: Call) async throws -> Reply {
        switch self {
        case .getTrialBalance: try await BillingHandlers.getTrialBalance(call)
        case .listEntries: try await BillingHandlers.listEntries(call)
        case .compareBooks: try await BillingHandlers.compareBooks(call)
        case .listOpenAmounts: try await BillingHandlers.listOpenAmounts(call)
        case .getLateInterest: try await LateInterestHandlers.get(call)
        case .chargeLateInterest: try await LateInterestHandlers.charge(call)
        case .getPeriods: try await LedgerHandlers.getPeriods(call)
        case .closePeriod: try await LedgerHandlers.closePeriod(call)
        case .getMonthBalance: try await LedgerHandlers.getMonthBalance(call)
        case .getAccountStatement: try await LedgerHandlers.getAccountStatement(call)
        case .getAgeing: try await LedgerHandlers.getAgeing(call)
        case .getJournal: try await LedgerHandlers.getJournal(call)
        default: try await handleDeliveries(call)
        }
    }

    /// The runs that make invoices, and how these reach their buyers.
    func handleDeliveries(_ call: Call) async throws -> Reply {
        switch self {
        case .listBillingRuns: try await BillingRunHandlers.list(call)
        case .startBillingRun: try await BillingRunHandlers.start(call)
        case .getBillingRun: try await BillingRunHandlers.get(call)
        case .getInvoiceReception: try await DeliveryHandlers.getReception(call)
        case .updateInvoiceReception: try await DeliveryHandlers.updateReception(call)
        case .listInvoiceDeliveries: try await DeliveryHandlers.list(call)
        case .sendInvoice: try await DeliveryHandlers.send(call)
        case .answerInvoiceDelivery: try await DeliveryHandlers.answer(call)
        default: try await handleCorrections(call)
        }
    }

    /// What is put right of statements and invoices.
    func handleCorrections(_ call: Call) async throws -> Reply {
        switch self {
        case .disputeLine: try await DisputeHandlers.dispute(call)
        case .listDisputes: try await DisputeHandlers.list(call)
        case .getDispute: try await DisputeHandlers.get(call)
        case .answerDispute: try await DisputeHandlers.answer(call)
        case .getRatingAgain: try await RatingAgainHandlers.get(call)
        case .rateAgain: try await RatingAgainHandlers.rate(call)
        case .listCreditNotes: try await CreditNoteHandlers.list(call)
        case .creditInvoice: try await CreditNoteHandlers.credit(call)
        case .getCreditNote: try await CreditNoteHandlers.get(call)
        case .getCreditNoteDocument: try await CreditNoteHandlers.document(call)
        case .writeOffInvoice: try await WriteOffHandlers.writeOff(call)
        case .refundInvoice: try await RefundHandlers.refund(call)
        case .takeBackReport: try await BankEntryHandlers.takeBack(call)
        case .remindOfInvoice: try await WriteOffHandlers.remind(call)
        case .getInvoiceBasis: try await InvoiceBasisHandlers.get(call)
        case .getInvoiceBasisTable: try await InvoiceBasisHandlers.table(call)
        case .recordInvoices: try await InvoiceBasisHandlers.record(call)
        case .recordCreditNote: try await CreditNoteHandlers.record(call)
        case .reportPayments: try await InvoiceBasisHandlers.report(call)
        case .settleInternally: try await InternalChargeHandlers.settle(call)
        case .getInternalCharge: try await InternalChargeHandlers.get(call)
        case .getInternalChargeTable: try await InternalChargeHandlers.table(call)
        case .listNettingRounds: try await NettingHandlers.list(call)
        case .proposeNetting: try await NettingHandlers.propose(call)
        case .getNettingRound: try await NettingHandlers.get(call)
        case .answerNetting: try await NettingHandlers.answer(call)
        default: throw Unhandled(operation: self)
        }
    }

    /// What happened, and the proof that it is what happened.
    func handleRecords(_ call: Call) async throws -> Reply {
        switch self {
        case .listEvents: try await RecordHandlers.listEvents(call)
        case .listAuditFacts: try await RecordHandlers.listAuditFacts(call)
        case .exportAudit: try await RecordHandlers.exportAudit(call)
        case .listAuditCheckpoints: try await RecordHandlers.listAuditCheckpoints(call)
        default: throw Unhandled(operation: self)
        }
    }
}
