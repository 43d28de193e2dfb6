using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Blobs.Errors;

namespace Blobs.Distribution.Client;

/// <summary>Changes one login in docker's <c>config.json</c>. All other members keep their values and their order, known or
/// not.</summary>
internal static class DockerConfigEdit
{
    private const string Auths = "auths";

    // As docker writes it.
    private static readonly JsonWriterOptions Style =
        new() { Indented = true, IndentCharacter = '\t', IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The changed file.</summary>
    /// <param name="file">The file; empty for a new one.</param>
    /// <param name="path">Its name in errors.</param>
    /// <param name="isOld">Whether an entry is to be removed.</param>
    /// <param name="added">The entry to add; null to add none.</param>
    /// <exception cref="MalformedDataException">The file is not a JSON object.</exception>
    public static byte[] Apply(
        byte[] file, string path, Func<string, bool> isOld, (string Server, RegistryCredentials Credentials)? added)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(file.Length == 0 ? "{}"u8.ToArray() : file);
            using var target = new MemoryStream();
            using (var json = new Utf8JsonWriter(target, Style))
            {
                Write(json, document.RootElement, isOld, added);
            }

            return target.ToArray();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new MalformedDataException(Fault.CredentialSyntax, 0, $"{path}: is not a JSON object, so it is left as it is");
        }
    }

    private static void Write(
        Utf8JsonWriter json, JsonElement root, Func<string, bool> isOld, (string Server, RegistryCredentials Credentials)? added)
    {
        bool hasLogins = false;
        json.WriteStartObject();
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (member.Name.Equals(Auths, StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind != JsonValueKind.Null)
            {
                WriteLogins(json, member.Value.EnumerateObject(), isOld, hasLogins ? null : added);
                hasLogins = true;
            }
            else if (!member.Name.Equals(Auths, StringComparison.OrdinalIgnoreCase))
            {
                member.WriteTo(json);
            }
        }

        if (!hasLogins && added is not null)
        {
            WriteLogins(json, [], isOld, added);
        }

        json.WriteEndObject();
    }

    private static void WriteLogins(
        Utf8JsonWriter json,
        IEnumerable<JsonProperty> old,
        Func<string, bool> isOld,
        (string Server, RegistryCredentials Credentials)? added)
    {
        json.WriteStartObject(Auths);
        foreach (JsonProperty login in old.Where(login => !isOld(login.Name)))
        {
            login.WriteTo(json);
        }

        if (added is (string server, RegistryCredentials credentials))
        {
            json.WriteStartObject(server);
            WriteLogin(json, credentials);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteLogin(Utf8JsonWriter json, RegistryCredentials credentials)
    {
        if (credentials.Username is not null)
        {
            byte[] login = Encoding.UTF8.GetBytes($"{credentials.Username}:{credentials.Password}");
            json.WriteString("auth", Convert.ToBase64String(login));
        }

        if (credentials.IdentityToken is not null)
        {
            json.WriteString("identitytoken", credentials.IdentityToken);
        }
    }
}
