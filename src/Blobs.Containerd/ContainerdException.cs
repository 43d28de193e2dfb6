using Blobs.Errors;

namespace Blobs.Containerd;

/// <summary>A containerd that refused a request, or could not be reached.</summary>
public sealed class ContainerdException : BlobsException
{
    /// <summary>Creates the error.</summary>
    /// <param name="code">The gRPC status, such as <c>Unavailable</c>.</param>
    /// <param name="message">One line: what was asked, and what came.</param>
    /// <param name="inner">The failed call.</param>
    public ContainerdException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>The gRPC status, such as <c>Unavailable</c> or <c>FailedPrecondition</c>.</summary>
    public string Code { get; }
}
