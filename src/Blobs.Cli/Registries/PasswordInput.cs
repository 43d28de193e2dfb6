using System.Text;

namespace Blobs.Cli.Registries;

/// <summary>Takes a user's name and password from the terminal, or a password from standard input.</summary>
internal static class PasswordInput
{
    private const int LengthMax = 64 << 10;

    /// <summary>All of standard input, without the line end that <c>echo</c> adds.</summary>
    public static async Task<string> ReadAllAsync(CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[LengthMax + 1];
        await using Stream input = Console.OpenStandardInput();
        int length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        string text = length <= LengthMax
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new WorkFailedException("standard input is too long for a password");
        text = text.EndsWith('\n') ? text[..^1] : text;
        return text.EndsWith('\r') ? text[..^1] : text;
    }

    /// <summary>Asks for a line on the terminal.</summary>
    /// <param name="prompt">What is asked for.</param>
    /// <param name="isSecret">Whether to show nothing of it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<string> AskAsync(string prompt, bool isSecret, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
        {
            throw new WorkFailedException("standard input is not a terminal; use --username and --password-stdin");
        }

        Console.Error.Write($"{prompt}: ");

        // A key cannot be waited for on a token: Ctrl-C leaves the waiting thread behind, and the process ends.
        string line = await Task.Run(() => isSecret ? ReadSecret() : Console.In.ReadLine() ?? "", CancellationToken.None)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        return line.Length > 0 ? line : throw new WorkFailedException($"{prompt.ToLowerInvariant()}: nothing was entered");
    }

    private static string ReadSecret()
    {
        var text = new StringBuilder();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            bool isEnd = key is { Modifiers: ConsoleModifiers.Control, Key: ConsoleKey.D };
            if (key.Key == ConsoleKey.Enter || isEnd)
            {
                Console.Error.WriteLine();
                return text.ToString();
            }

            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar) && text.Length < LengthMax)
            {
                text.Append(key.KeyChar);
            }
        }
    }
}
