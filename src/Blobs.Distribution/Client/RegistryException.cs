using Blobs.Errors;

namespace Blobs.Distribution.Client;

/// <summary>A registry, or its token server, that refused a request or could not be reached.</summary>
/// <remarks>The message names the address without credentials and query.</remarks>
public sealed class RegistryException : BlobsException
{
    /// <summary>Creates the error.</summary>
    /// <param name="status">The HTTP status; null when no answer came.</param>
    /// <param name="codes">Error codes of the answer.</param>
    /// <param name="message">One line: what was asked, and what came.</param>
    /// <param name="inner">The failure of the connection, if that was it.</param>
    public RegistryException(int? status, IReadOnlyList<string> codes, string message, Exception? inner = null)
        : base(message, inner)
    {
        Status = status;
        Codes = codes;
    }

    /// <summary>The HTTP status; null when there was no answer at all.</summary>
    public int? Status { get; }

    /// <summary>The error codes of the answer (OCI distribution-spec, "Error Codes"), such as <c>MANIFEST_UNKNOWN</c>;
    /// empty when it had none.</summary>
    public IReadOnlyList<string> Codes { get; }

    /// <summary>Whether the same request may succeed later.</summary>
    internal bool IsTransient { get; init; }

    /// <summary>The delay that the registry asks for; null when it names none.</summary>
    internal TimeSpan? AskedDelay { get; init; }
}
