using Blobs.Json.Internal;

namespace Blobs.Docker;

/// <summary>Writes the JSON members that inspections consist of.</summary>
internal static class InspectionWriter
{
    public static void Text(this GoJsonWriter json, string name, string? value)
    {
        json.Name(name);
        json.String(value ?? "");
    }

    public static void TextIfAny(this GoJsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.Text(name, value);
        }
    }

    public static void CopyTexts(this GoJsonWriter json, GoObject file, params string[] names)
    {
        foreach (string name in names)
        {
            json.Text(name, file[name].Text());
        }
    }

    public static void CopyNumbers(this GoJsonWriter json, GoObject file, params string[] names)
    {
        foreach (string name in names)
        {
            json.Name(name);
            json.Number(file[name].Number());
        }
    }
}
