package wire

import "fmt"

// Error is an error in the cloud's format.
type Error struct {
	// Status is the HTTP status, 400 to 599.
	Status int
	// Code is the cloud's error code, such as InvalidInstanceId.NotFound.
	Code string
	// Message is the cloud's text. It never holds a secret.
	Message string
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message)
}

// Refuse returns an [Error].
func Refuse(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// Missing is the error for a missing required parameter.
func Missing(name string) *Error {
	return Refuse(400, "MissingParameter",
		fmt.Sprintf("The input parameter %q that is mandatory for processing this request is not supplied.", name))
}

// Invalid is the error for an invalid parameter, if the action has no specific code.
func Invalid(name string) *Error {
	return Refuse(400, "InvalidParameter", fmt.Sprintf("The specified parameter %q is not valid.", name))
}

// WriteError renders an error body of a product, such as Ecs. host is the endpoint that responds.
func WriteError(w *Writer, e *Error, product, requestID, host string) {
	w.Open("Error")
	w.Str("RequestId", requestID)
	w.Str("HostId", host)
	w.Str("Code", e.Code)
	w.Str("Message", e.Message)
	w.Str("Recommend", "https://api.aliyun.com/troubleshoot?q="+e.Code+"&product="+product+"&requestId="+requestID)
	w.Close()
}
