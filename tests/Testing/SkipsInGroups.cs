using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestFramework(typeof(Blobs.Testing.SkipsInGroups))]

namespace Blobs.Testing;

/// <summary>
/// Runs tests as xunit does, and reports all tests that were skipped for one reason as a single skipped test. A machine
/// without Docker is told once what to install, not a hundred times.
/// </summary>
public sealed class SkipsInGroups : XunitTestFramework
{
    /// <inheritdoc/>
    protected override ITestFrameworkExecutor CreateExecutor(Assembly assembly) => new Executor(new XunitTestAssembly(assembly, configFilePath: null, assemblyName: null));

    private sealed class Executor(IXunitTestAssembly assembly) : XunitTestFrameworkExecutor(assembly)
    {
        public override async ValueTask RunTestCases(
            IReadOnlyCollection<IXunitTestCase> testCases,
            IMessageSink executionMessageSink,
            ITestFrameworkExecutionOptions executionOptions,
            CancellationToken cancellationToken) =>
            await base.RunTestCases(testCases, new Sink(executionMessageSink), executionOptions, cancellationToken);
    }

    // A test is announced when its outcome is known. Of skipped ones, the first of each reason is kept until the end.
    private sealed class Sink(IMessageSink inner) : IMessageSink
    {
        private readonly ConcurrentDictionary<string, List<IMessageSinkMessage>> _running = new();
        private readonly Dictionary<string, Group> _groups = [];

        public bool OnMessage(IMessageSinkMessage message) => message switch
        {
            ITestStarting starting => Hold(starting.TestUniqueID, starting),
            ITestSkipped skipped => Hold(skipped.TestUniqueID, skipped),
            ITestFinished finished => Finish(finished),
            ITestMessage test when _running.TryGetValue(test.TestUniqueID, out List<IMessageSinkMessage>? held) => Pass(held, test),
            ITestAssemblyFinished => TellSkipped() & inner.OnMessage(message),
            _ => inner.OnMessage(message),
        };

        private bool Hold(string test, IMessageSinkMessage message)
        {
            _running.GetOrAdd(test, _ => []).Add(message);
            return true;
        }

        private bool Pass(List<IMessageSinkMessage> held, ITestMessage message)
        {
            // Set-up and tear-down of the test class are told when it turns out that the test ran.
            if (message is not (ITestPassed or ITestFailed or ITestOutput))
            {
                held.Add(message);
                return true;
            }

            _running.TryRemove(message.TestUniqueID, out _);
            return Tell(held) & inner.OnMessage(message);
        }

        private bool Finish(ITestFinished finished)
        {
            if (!_running.TryRemove(finished.TestUniqueID, out List<IMessageSinkMessage>? held))
            {
                return inner.OnMessage(finished);
            }

            if (held.OfType<ITestSkipped>().FirstOrDefault() is not { } skipped)
            {
                return Tell(held) & inner.OnMessage(finished);
            }

            held.Add(finished);
            lock (_groups)
            {
                if (_groups.TryGetValue(skipped.Reason, out Group? group))
                {
                    group.Count++;
                }
                else
                {
                    _groups.Add(skipped.Reason, new Group(held));
                }
            }

            return true;
        }

        private bool TellSkipped()
        {
            bool goOn = true;
            foreach (Group group in _groups.Values)
            {
                goOn &= Tell(group.First.Select(message => message is ITestStarting starting ? Named(starting, group.Count) : message));
            }

            return goOn;
        }

        private bool Tell(IEnumerable<IMessageSinkMessage> messages)
        {
            bool goOn = true;
            foreach (IMessageSinkMessage message in messages)
            {
                goOn &= inner.OnMessage(message);
            }

            return goOn;
        }

        private static TestStarting Named(ITestStarting first, int count) => new()
        {
            AssemblyUniqueID = first.AssemblyUniqueID,
            Explicit = first.Explicit,
            StartTime = first.StartTime,
            TestCaseUniqueID = first.TestCaseUniqueID,
            TestClassUniqueID = first.TestClassUniqueID,
            TestCollectionUniqueID = first.TestCollectionUniqueID,
            TestDisplayName = count == 1
                ? first.TestDisplayName
                : string.Create(CultureInfo.InvariantCulture, $"{first.TestDisplayName} and {count - 1} more"),
            TestLabel = first.TestLabel,
            TestMethodUniqueID = first.TestMethodUniqueID,
            TestUniqueID = first.TestUniqueID,
            Timeout = first.Timeout,
            Traits = first.Traits,
        };
    }

    private sealed class Group(List<IMessageSinkMessage> first)
    {
        public List<IMessageSinkMessage> First { get; } = first;

        public int Count { get; set; } = 1;
    }
}
