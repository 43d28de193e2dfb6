using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Json.Internal;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Distribution.Client;

/// <summary>
/// A program <c>docker-credential-NAME</c> (docker-credential-helpers): <c>get</c> reads a server's address from standard input
/// and prints JSON; without credentials it says so on standard output and exits with 1. <c>store</c> reads such JSON, and
/// <c>erase</c> an address. Its output and its time are limited.
/// </summary>
internal static class CredentialHelper
{
    private const string TokenUser = "<token>";
    private const int AnswerBytesMax = 1 << 20;
    private const int ChunkBytes = 4 << 10;

    /// <summary>The default time limit: long enough to unlock a keychain.</summary>
    public static TimeSpan DefaultTime { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Asks a helper; null when it has no credentials for the server.</summary>
    /// <exception cref="MalformedDataException">Its name is not a program's, or its answer is not JSON.</exception>
    /// <exception cref="LimitExceededException">Its answer is too long.</exception>
    /// <exception cref="RegistryException">It is missing, fails, or does not answer in time.</exception>
    public static async Task<RegistryCredentials?> GetAsync(
        string name, string server, TimeSpan time, CancellationToken cancellationToken)
    {
        (int exitCode, byte[] output) = await RunAsync(name, "get", server, time, cancellationToken).ConfigureAwait(false);
        if (exitCode != 0)
        {
            return HasNone(Encoding.UTF8.GetString(output).Trim()) ? null : throw Failed(name, "get", exitCode, server);
        }

        CredentialHelperJson found = ClientJson.Read(output, CredentialHelperJson.Read, $"{ProgramOf(name)} get", Fault.CredentialSyntax);
        return string.IsNullOrEmpty(found.Secret) || string.IsNullOrEmpty(found.Username) ? null
            : found.Username == TokenUser ? new RegistryCredentials { IdentityToken = found.Secret }
            : new RegistryCredentials { Username = found.Username, Password = found.Secret };
    }

    /// <summary>The program of a helper.</summary>
    public static string ProgramOf(string name) => $"docker-credential-{name}";

    /// <summary>Has a helper store credentials.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public static async Task StoreAsync(
        string name, string server, RegistryCredentials credentials, TimeSpan time, CancellationToken cancellationToken)
    {
        byte[] json = GoJsonWriter.Value(value =>
        {
            value.BeginObject();
            value.Name("ServerURL");
            value.String(server);
            value.Name("Username");
            value.String(credentials.IdentityToken is null ? credentials.Username ?? "" : TokenUser);
            value.Name("Secret");
            value.String(credentials.IdentityToken ?? credentials.Password ?? "");
            value.EndObject();
        });
        (int exitCode, _) =
            await RunAsync(name, "store", Encoding.UTF8.GetString(json), time, cancellationToken).ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw Failed(name, "store", exitCode, server);
        }
    }

    /// <summary>Has a helper remove credentials.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public static async Task EraseAsync(string name, string server, TimeSpan time, CancellationToken cancellationToken)
    {
        (int exitCode, byte[] output) = await RunAsync(name, "erase", server, time, cancellationToken).ConfigureAwait(false);
        if (exitCode != 0 && !HasNone(Encoding.UTF8.GetString(output).Trim()))
        {
            throw Failed(name, "erase", exitCode, server);
        }
    }

    private static RegistryException Failed(string name, string action, int exitCode, string server) =>
        new(null, [], $"{ProgramOf(name)} {action}: failed with exit code {exitCode} for {server}");

    // Messages of docker-credential-helpers and its pass helper; all mean that there are no credentials.
    private static bool HasNone(string answer) =>
        answer is "" or "credentials not found in native keychain" or "no credentials server URL" or "no credentials username"
        || answer.StartsWith("no usernames for ", StringComparison.Ordinal);

    // Search PATH only, as Go does: .NET would look in the current directory first, which anyone may have written to.
    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathFullyQualified)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{program}.exe" : program))
        .FirstOrDefault(path => File.Exists(path) && (OperatingSystem.IsWindows() || IsExecutable(path)));

    [UnsupportedOSPlatform("windows")]
    private static bool IsExecutable(string path) =>
        (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static async Task<(int ExitCode, byte[] Output)> RunAsync(
        string name, string action, string input, TimeSpan time, CancellationToken cancellationToken)
    {
        // The name becomes part of a program's name and must not become a path.
        if (!name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
        {
            throw new MalformedDataException(Fault.CredentialSyntax, 0, "the credential helper's name is not the name of a program");
        }

        string program = ProgramOf(name);
        string path = Find(program)
            ?? throw new RegistryException(null, [], $"{program}: the credential helper is not in the search path");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        using Process process = Start(program, path, action);
        try
        {
            // Its messages may hold secrets too: they are read, so that the program does not block, and discarded.
            Task errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, limit.Token);
            await WriteAsync(process, input, limit.Token).ConfigureAwait(false);
            byte[] output = await ReadAsync(program, process.StandardOutput.BaseStream, limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            await errors.ConfigureAwait(false);
            return (process.ExitCode, output);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RegistryException(null, [], $"{program} {action}: did not answer within {time.TotalSeconds:0.#} s");
        }
        finally
        {
            Kill(process);
        }
    }

    private static async Task<byte[]> ReadAsync(string program, Stream output, CancellationToken cancellationToken)
    {
        using var answer = new ArrayPoolBufferWriter<byte>();
        while (await output.ReadAsync(answer.GetMemory(ChunkBytes), cancellationToken).ConfigureAwait(false) is > 0 and int read)
        {
            answer.Advance(read);
            if (answer.WrittenCount > AnswerBytesMax)
            {
                Throw.LimitExceeded(nameof(AnswerBytesMax), AnswerBytesMax, $"{program}: the answer");
            }
        }

        return answer.WrittenSpan.ToArray();
    }

    private static Process Start(string program, string path, string action)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(path, [action])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
        }
        catch (Win32Exception fault)
        {
            throw new RegistryException(null, [], $"{program}: the credential helper cannot be run: {fault.Message}", fault);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception fault) when (fault is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended, or may not be killed: nothing more can be done.
        }
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input; its output tells why.
        }
    }
}
