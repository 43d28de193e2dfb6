using System.ComponentModel;
using System.Diagnostics;
using Blobs.Errors;

namespace Blobs.Client;

/// <summary>
/// A program <c>docker-credential-NAME</c> (docker-credential-helpers): <c>get</c> reads a server's address from standard input
/// and prints JSON; without credentials it says so on standard output and ends with 1.
/// </summary>
internal static class CredentialHelper
{
    private const string NotFound = "credentials not found in native keychain";
    private const string TokenUser = "<token>";

    public static async Task<RegistryCredentials?> GetAsync(string name, string server, CancellationToken cancellationToken)
    {
        // The name becomes a program's: it must not become a path.
        if (!name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
        {
            throw new MalformedDataException(Fault.CredentialSyntax, 0, "the name of the credential helper is not one of a program");
        }

        string program = $"docker-credential-{name}";
        (int exitCode, string output) = await RunAsync(program, server, cancellationToken).ConfigureAwait(false);
        if (exitCode != 0)
        {
            return output.Trim() == NotFound
                ? null
                : throw new RegistryException(null, [], $"{program} get: failed with exit code {exitCode} for {server}");
        }

        CredentialHelperJson found = ClientJson.Read(
            System.Text.Encoding.UTF8.GetBytes(output), CredentialHelperJson.Read, program, Fault.CredentialSyntax);
        if (string.IsNullOrEmpty(found.Secret))
        {
            return null;
        }

        return found.Username == TokenUser
            ? new RegistryCredentials { IdentityToken = found.Secret }
            : new RegistryCredentials { Username = found.Username, Password = found.Secret };
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string input, CancellationToken cancellationToken)
    {
        using Process process = Start(program);
        try
        {
            // What it says to people may be secret too; it is read so that the program does not wait, and dropped.
            process.BeginErrorReadLine();
            await WriteAsync(process, input, cancellationToken).ConfigureAwait(false);
            string output = await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, output);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(string program)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, ["get"])
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

    private static async Task WriteAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; what it says tells why.
        }
    }
}
