using System.CommandLine;
using Blobs.Errors;

namespace Blobs.Cli;

/// <summary>What every verb does around its own work: one clear line and exit code 1 when the work fails.</summary>
internal static class Verb
{
    /// <summary>Makes <paramref name="work"/> the action of <paramref name="command"/>.</summary>
    public static void Runs(this Command command, Func<ParseResult, CancellationToken, Task> work) =>
        command.SetAction(async (arguments, cancellationToken) =>
        {
            try
            {
                await work(arguments, cancellationToken).ConfigureAwait(false);
                return (int)ExitCode.Done;
            }
            catch (OperationCanceledException)
            {
                return Fail("cancelled; nothing was kept");
            }
            catch (Exception fault) when (fault is BlobsException or WorkFailedException or IOException or UnauthorizedAccessException)
            {
                return Fail(fault.Message);
            }
        });

    private static int Fail(string message)
    {
        // One line, whatever a message from elsewhere looks like.
        Console.Error.WriteLine($"blobs: {message.ReplaceLineEndings(" ")}");
        return (int)ExitCode.Failed;
    }
}
