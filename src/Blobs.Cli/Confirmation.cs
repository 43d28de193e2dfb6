namespace Blobs.Cli;

/// <summary>Asks the user before something is removed.</summary>
internal static class Confirmation
{
    /// <summary>Asks on stderr, and reads the answer from standard input: as in docker, also where that is not a
    /// terminal, so that <c>yes</c> can answer.</summary>
    /// <param name="question">What is about to be done.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <exception cref="WorkFailedException">The answer is not yes, or there is none.</exception>
    public static async Task RequireAsync(string question, CancellationToken cancellationToken)
    {
        await Console.Error.WriteAsync($"{question} [y/N] ").ConfigureAwait(false);
        string? answer = await Task.Run(Console.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (answer is null)
        {
            await Console.Error.WriteLineAsync().ConfigureAwait(false);
        }

        if (answer?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new WorkFailedException("nothing was removed: the question was not answered with y; --force does not ask");
        }
    }
}
