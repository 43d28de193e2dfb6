using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Blobs.Registry;

/// <summary>Writes a <see cref="RegistryError"/> as the specification requires: a JSON object with a list of errors.</summary>
internal static class ErrorResponse
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="context">The request.</param>
    /// <param name="error">The error.</param>
    /// <param name="details">Details, one error in the list for each; when empty, one error without detail.</param>
    public static Task WriteAsync(HttpContext context, RegistryError error, params ReadOnlySpan<string> details)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body, Json))
        {
            json.WriteStartObject();
            json.WriteStartArray("errors"u8);
            for (int i = 0; i < Math.Max(1, details.Length); i++)
            {
                json.WriteStartObject();
                json.WriteString("code"u8, error.Code);
                json.WriteString("message"u8, error.Message);
                WriteDetail(json, error, i < details.Length ? details[i] : null);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        body.Write("\n"u8);
        HttpResponse response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted).AsTask();
    }

    // As docker-registry: a repository's name goes into an object, other details are strings.
    private static void WriteDetail(Utf8JsonWriter json, RegistryError error, string? detail)
    {
        if (detail is null)
        {
            return;
        }

        if (error != RegistryError.NameUnknown)
        {
            json.WriteString("detail"u8, detail);
            return;
        }

        json.WriteStartObject("detail"u8);
        json.WriteString("name"u8, detail);
        json.WriteEndObject();
    }
}
