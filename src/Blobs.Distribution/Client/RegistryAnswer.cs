using System.Globalization;
using System.Net;
using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Distribution.Client;

/// <summary>Turns unexpected answers into exceptions. Text from the server is shortened to one line.</summary>
internal static class RegistryAnswer
{
    private const int BodyBytesMax = 64 << 10;
    private const int ErrorsShown = 3;
    private const int CodeLengthMax = 64;

    /// <summary>The exception for an error status.</summary>
    public static async Task<RegistryException> RefusalAsync(
        RegistryRequest request,
        HttpResponseMessage response,
        string? hint,
        RegistryConnection connection,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<RegistryErrorsJson.ErrorJson> errors =
            await ReadAsync(request, response, connection.Options.IdleTimeout, cancellationToken).ConfigureAwait(false);
        RetryPolicy retry = connection.Retry;
        int status = (int)response.StatusCode;
        var message = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{request}: {status} {Reason(response.StatusCode)}"));
        foreach (RegistryErrorsJson.ErrorJson error in errors.Take(ErrorsShown))
        {
            message.Append(", ").Append(error.Code);
            if (!string.IsNullOrEmpty(error.Message))
            {
                message.Append(": ").Append(Printable.Quote(Encoding.UTF8.GetBytes(error.Message)));
            }
        }

        if (response.Headers.RetryAfter is { } retryAfter)
        {
            message.Append(CultureInfo.InvariantCulture, $"; retry after {retryAfter}");
        }

        message.Append(hint is null ? "" : $" ({hint})");
        return new RegistryException(status, [.. errors.Select(error => error.Code!)], message.ToString())
        {
            IsTransient = retry.IsTransient(response),
            AskedDelay = retry.AskedDelay(response),
        };
    }

    /// <summary>The exception for a failed connection.</summary>
    public static RegistryException Unreachable(RegistryRequest request, Exception fault)
    {
        // The innermost exception has the reason: "Connection refused", not "an error occurred while sending the request".
        Exception cause = fault;
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return new RegistryException(null, [], $"{request}: {cause.Message.ReplaceLineEndings(" ")}", fault)
        {
            IsTransient = RetryPolicy.IsTransient(fault),
        };
    }

    private static async Task<IReadOnlyList<RegistryErrorsJson.ErrorJson>> ReadAsync(
        RegistryRequest request, HttpResponseMessage response, TimeSpan silence, CancellationToken cancellationToken)
    {
        try
        {
            byte[] body = await BoundedBody.ReadAsync(
                request, response, nameof(BodyBytesMax), BodyBytesMax, silence, cancellationToken).ConfigureAwait(false);
            RegistryErrorsJson json = ClientJson.Read(
                body, RegistryErrorsJson.Read, "the error", Fault.RegistryAnswer);
            return [.. (json.Errors ?? []).Where(error => IsCode(error.Code))];
        }
        catch (BlobsException)
        {
            // An HTML page, or nothing: the status must do.
            return [];
        }
    }

    private static bool IsCode(string? code) =>
        code is { Length: > 0 and <= CodeLengthMax } && code.All(character => char.IsAsciiLetterUpper(character) || character == '_');

    private static string Reason(HttpStatusCode status) => status switch
    {
        HttpStatusCode.TooManyRequests => "too many requests",
        _ when Enum.IsDefined(status) => string.Concat($"{status}".Select(Spaced)).TrimStart(),
        _ => "",
    };

    private static string Spaced(char character) =>
        char.IsAsciiLetterUpper(character) ? $" {char.ToLowerInvariant(character)}" : $"{character}";
}
