using System.CommandLine;
using Blobs.Errors;

namespace Blobs.Cli;

/// <summary>Runs the work of a verb; a failure becomes one line on stderr and exit code 1.</summary>
internal static class Verb
{
    /// <summary>Makes <paramref name="work"/> the action of <paramref name="command"/>.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="whenCancelled">What Ctrl-C leaves behind, whenever it comes; part of the error line.</param>
    /// <param name="work">What the verb does.</param>
    public static void Runs(this Command command, string whenCancelled, Func<ParseResult, CancellationToken, Task> work) =>
        command.Runs(_ => whenCancelled, work);

    /// <inheritdoc cref="Runs(Command, string, Func{ParseResult, CancellationToken, Task})"/>
    public static void Runs(
        this Command command, Func<ParseResult, string> whenCancelled, Func<ParseResult, CancellationToken, Task> work) =>
        command.SetAction(async (arguments, cancellationToken) =>
        {
            // The parser can cancel only once this method has returned; until then Ctrl-C would end the process.
            await Task.Yield();
            try
            {
                await work(arguments, cancellationToken).ConfigureAwait(false);
                return (int)ExitCode.Done;
            }
            catch (OperationCanceledException)
            {
                return Fail($"cancelled: {whenCancelled(arguments)}");
            }
            catch (Exception fault) when (fault is BlobsException or WorkFailedException or IOException or UnauthorizedAccessException)
            {
                return Fail(fault.Message);
            }
        });

    private static int Fail(string message)
    {
        // One line, even if another library's message has several.
        Console.Error.WriteLine($"blobs: {message.ReplaceLineEndings(" ")}");
        return (int)ExitCode.Failed;
    }
}
