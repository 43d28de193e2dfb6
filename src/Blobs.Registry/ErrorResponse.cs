using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Blobs.Registry;

/// <summary>Says a <see cref="RegistryError"/> as the specification wants it: a JSON object with a list of errors.</summary>
internal static class ErrorResponse
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="context">The request.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="details">What it is about, each an error of its own in the list; none for an error without.</param>
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

    // A name is the member of an object, everything else is said in a word.
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
